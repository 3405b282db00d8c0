//! Outages that tests can bring about.

use bytes::Bytes;
use room_contract::{
    Admission, Connection, DataPacket, Ended, JoinError, JoinOptions, NewRoom, RoomError,
    RoomEvent, Rooms, ServiceError, Topic,
    event::QUEUE,
    memory::{MemoryRooms, Reachable},
};

use crate::stage::{enter, identity, name};

fn packet(text: &'static str) -> DataPacket {
    DataPacket::reliable(
        Topic::new("news").expect("a topic"),
        Bytes::from_static(text.as_bytes()),
    )
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable_until_it_is_back() {
    let rooms = MemoryRooms::new();
    let token = rooms
        .token(&Admission::person(name("demo"), identity("ann")))
        .expect("a token");

    rooms.set_reachable(Reachable::No);
    let created = rooms.create(NewRoom::named(name("demo"))).await;
    let joined = rooms.join(&token, JoinOptions::default()).await;
    rooms.set_reachable(Reachable::Yes);

    assert!(
        matches!(created, Err(ServiceError::Unavailable(_))),
        "{created:?}"
    );
    assert!(
        matches!(joined, Err(JoinError::Unavailable(_))),
        "{joined:?}"
    );
    assert!(rooms.join(&token, JoinOptions::default()).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_was_cut_comes_back_with_what_it_missed() {
    let rooms = MemoryRooms::new();
    let mut ann = enter(&rooms, "demo", "ann").await;
    let bob = enter(&rooms, "demo", "bob").await;
    assert!(matches!(
        ann.events.next().await,
        Some(RoomEvent::ParticipantJoined(_))
    ));

    rooms.interrupt(&name("demo"), &identity("ann"));
    bob.room.send(packet("missed")).await.expect("sent");
    let while_cut = ann.room.send(packet("lost")).await;
    let state = ann.room.connection();
    rooms.restore(&name("demo"), &identity("ann"));

    assert!(
        matches!(while_cut, Err(RoomError::Unavailable(_))),
        "{while_cut:?}"
    );
    assert_eq!(state, Connection::Reconnecting);
    assert!(matches!(
        ann.events.next().await,
        Some(RoomEvent::Reconnecting)
    ));
    assert!(matches!(
        ann.events.next().await,
        Some(RoomEvent::Reconnected)
    ));
    assert!(
        matches!(ann.events.next().await, Some(RoomEvent::Data { payload, .. }) if payload == "missed")
    );
    assert_eq!(ann.room.connection(), Connection::Connected);
}

#[tokio::test]
async fn a_connection_ends_as_a_test_wants_it() {
    let rooms = MemoryRooms::new();
    let mut ann = enter(&rooms, "demo", "ann").await;

    rooms.end(&name("demo"), &identity("ann"), Ended::ConnectionLost);

    assert!(matches!(
        ann.events.next().await,
        Some(RoomEvent::Ended(Ended::ConnectionLost))
    ));
}

#[tokio::test]
async fn one_who_takes_no_events_is_put_out() {
    let rooms = MemoryRooms::new();
    let mut ann = enter(&rooms, "demo", "ann").await;
    let bob = enter(&rooms, "demo", "bob").await;

    for _ in 0..QUEUE {
        bob.room.send(packet("more")).await.expect("sent");
    }

    assert_eq!(ann.room.connection(), Connection::Ended);
    assert!(bob.room.participants().is_empty());
    let mut last = None;
    while let Some(event) = ann.events.next().await {
        last = Some(event);
    }
    assert!(
        matches!(last, Some(RoomEvent::Ended(Ended::Overrun))),
        "{last:?}"
    );
}
