//! Rooms on a LiveKit server, and people who enter them.

use room_contract::{Admission, Identity, JoinOptions, Joined, RoomName, Rooms};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;

/// Rooms on any server.
pub(crate) fn rooms_at(url: &str, secret: &str) -> LiveKitRooms {
    let config = LiveKitConfig {
        url: url.to_owned(),
        public_url: None,
        api_key: "devkey".to_owned(),
        api_secret: SecretString::from(secret),
    };
    LiveKitRooms::new(config).expect("a usable configuration")
}

/// Lets somebody in who hears everybody.
pub(crate) async fn enter(rooms: &dyn Rooms, room: &str, who: &str) -> Joined {
    let room = RoomName::new(room).expect("a name");
    let admission = Admission::person(room, Identity::new(who).expect("a name"));
    let token = rooms.token(&admission).expect("signed");
    let joining = rooms.join(&token, JoinOptions::default());
    joining.await.expect("joined")
}
