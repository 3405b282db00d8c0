//! Ten thousand sessions, and nothing left of them.

use std::time::Duration;

use room_contract::{
    Admission, AudioFormat, Joined, PublishOptions, Room, RoomEvent, Rooms, memory::MemoryRooms,
};

use crate::stage::{admit, enter, identity, name};

const SESSIONS: usize = 10_000;

#[tokio::test(start_paused = true)]
async fn ten_thousand_sessions_talk_at_once_and_leave_nothing_behind() {
    let rooms = MemoryRooms::new();
    let mut sessions = Vec::with_capacity(SESSIONS);
    for number in 0..SESSIONS {
        sessions.push(Session::begin(&rooms, &format!("room-{number}")).await);
    }
    assert_eq!(rooms.list().await.expect("an answer").len(), SESSIONS);

    for session in &mut sessions {
        session.talks().await;
    }
    for number in 0..SESSIONS {
        rooms
            .delete(&name(&format!("room-{number}")))
            .await
            .expect("deleted");
    }
    drop(sessions);
    tokio::time::sleep(Duration::from_secs(1)).await;

    assert_eq!(rooms.list().await.expect("an answer").len(), 0);
    assert_eq!(rooms.tasks(), 0);
}

struct Session {
    caller: Joined,
    agent: Joined,
}

impl Session {
    async fn begin(rooms: &MemoryRooms, room: &str) -> Self {
        let caller = enter(rooms, room, "caller").await;
        let agent = admit(rooms, &Admission::agent(name(room), identity("agent"))).await;
        Self { caller, agent }
    }

    async fn talks(&mut self) {
        let track = self
            .agent
            .room
            .publish(PublishOptions::voice("voice"))
            .await
            .expect("published");
        track.capture(&[1_000; 480]).await.expect("captured");
        loop {
            let event = self.caller.events.next().await.expect("not over");
            let RoomEvent::TrackSubscribed { track, .. } = event else {
                continue;
            };
            let format = AudioFormat::mono(16_000);
            let mut stream =
                Room::audio(&*self.caller.room, &track.id, format).expect("subscribed");
            assert_eq!(stream.next().await.expect("a frame").format, format);
            return;
        }
    }
}
