//! Rooms and guests for the tests of this binary.

use room_contract::{
    Admission, Identity, JoinOptions, Joined, RoomName, Rooms, memory::MemoryRooms,
};

pub(crate) fn name(room: &str) -> RoomName {
    RoomName::new(room).expect("a name")
}

pub(crate) fn identity(who: &str) -> Identity {
    Identity::new(who).expect("a name")
}

pub(crate) async fn enter(rooms: &MemoryRooms, room: &str, who: &str) -> Joined {
    admit(rooms, &Admission::person(name(room), identity(who))).await
}

pub(crate) async fn admit(rooms: &MemoryRooms, admission: &Admission) -> Joined {
    let token = rooms.token(admission).expect("a token");
    rooms
        .join(&token, JoinOptions::default())
        .await
        .expect("joined")
}
