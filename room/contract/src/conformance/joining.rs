//! Coming and going.

use std::sync::Arc;

use super::stage::{Stage, identity, topic};
use crate::{
    Attributes, Connection, DataPacket, Ended, JoinError, JoinOptions, NewRoom, ParticipantKind,
    RoomEvent, Rooms, Token, TrackSource,
};

/// Who somebody is arrives as it was admitted.
pub async fn a_participant_is_seen_from_inside_and_from_outside(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let mut ann = stage.enter("ann").await;
    let mut admission = stage.agent("agent-1");
    "Nora".clone_into(&mut admission.name);
    "about Nora".clone_into(&mut admission.metadata);
    admission.attributes = Attributes::from([("channel".to_owned(), "web".to_owned())]);

    let agent = stage.admit(&admission).await;

    let seen = ann.until("the agent", |event| match event {
        RoomEvent::ParticipantJoined(other) => Some(other),
        _ => None,
    });
    let seen = seen.await;
    assert_eq!(seen.identity, identity("agent-1"));
    assert_eq!(seen.kind, ParticipantKind::Agent);
    assert_eq!(
        (seen.name.as_str(), seen.metadata.as_str()),
        ("Nora", "about Nora")
    );
    assert_eq!(seen.attributes, admission.attributes);
    let inside = stage
        .rooms
        .participants(&stage.room)
        .await
        .expect("an answer");
    assert!(inside.contains(&seen), "{inside:?}");
    assert_eq!(agent.room.name(), stage.room);
    assert_eq!(agent.room.identity(), identity("agent-1"));
    assert_eq!(agent.room.connection(), Connection::Connected);
    assert_eq!(ann.room.participants(), [seen]);
}

/// The events begin with those who are there and what they publish.
pub async fn a_newcomer_learns_who_is_there(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let track = ann.publishes().await;

    let mut bob = stage.enter("bob").await;

    let first = bob.events.next().await;
    assert!(
        matches!(&first, Some(RoomEvent::ParticipantJoined(other)) if other.identity == identity("ann")),
        "{first:?}"
    );
    let second = bob.events.next().await;
    let Some(RoomEvent::TrackPublished {
        identity: who,
        track: seen,
    }) = second
    else {
        super::stage::fail(&format!("{second:?}"))
    };
    assert_eq!(who, identity("ann"));
    assert_eq!((seen.id, seen.name.as_str()), (track.id(), "voice"));
    assert_eq!(seen.source, TrackSource::Microphone);
}

/// What is not a token opens nothing.
pub async fn a_wrong_token_is_refused(rooms: Arc<dyn Rooms>) {
    for text in ["", "nonsense", "a.b.c"] {
        let refused = rooms.join(&Token::new(text), JoinOptions::default()).await;

        assert!(
            matches!(refused, Err(JoinError::TokenRefused(_))),
            "{text:?}: {refused:?}"
        );
    }
}

/// A limit on participants holds for people; agents always get in.
pub async fn a_full_room_takes_agents_only(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let small = NewRoom {
        max_participants: 1,
        ..NewRoom::named(stage.room.clone())
    };
    stage.rooms.create(small).await.expect("created");
    let _ann = stage.enter("ann").await;

    let bob = stage
        .try_enter(&stage.person("bob"), JoinOptions::default())
        .await;
    let agent = stage
        .try_enter(&stage.agent("agent"), JoinOptions::default())
        .await;

    let (bob, agent) = (bob.map(drop), agent.map(drop));
    assert!(matches!(bob, Err(JoinError::Full)), "{bob:?}");
    assert!(agent.is_ok(), "{agent:?}");
}

/// Leaving is seen by others, and by oneself as the last event.
pub async fn leaving_is_seen_and_ends_the_events(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;

    ann.room.leave().await;
    ann.room.leave().await;

    assert_eq!(ann.ends().await, Ended::Left);
    assert!(ann.events.next().await.is_none());
    assert_eq!(ann.room.connection(), Connection::Ended);
    sees_leaving(&mut bob, "ann").await;
    assert!(bob.room.participants().is_empty());
}

/// A connection that nobody holds is no connection.
pub async fn dropping_the_room_is_leaving(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    drop(ann);

    sees_leaving(&mut bob, "ann").await;
}

/// Who comes with the same identity takes its place.
pub async fn a_twin_takes_the_place_of_the_first(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;

    let twin = stage.enter("ann").await;

    assert_eq!(ann.ends().await, Ended::ReplacedByTwin);
    sees_leaving(&mut bob, "ann").await;
    bob.sees_joining("ann").await;
    let word = DataPacket::reliable(topic("word"), "it is me");
    twin.room.send(word).await.expect("sent");
    let from = bob.until("a word", |event| match event {
        RoomEvent::Data { from, .. } => from,
        _ => None,
    });
    assert_eq!(from.await, identity("ann"));
}

/// Being removed is told apart from anything else.
pub async fn one_who_is_removed_is_told(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;

    stage
        .rooms
        .remove(&stage.room, &identity("ann"))
        .await
        .expect("removed");

    assert_eq!(ann.ends().await, Ended::Removed);
    sees_leaving(&mut bob, "ann").await;
}

/// Deleting a room ends every connection.
pub async fn a_deleted_room_puts_everybody_out(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (mut ann, mut bob) = stage.two().await;

    stage.rooms.delete(&stage.room).await.expect("deleted");

    assert_eq!(ann.ends().await, Ended::RoomDeleted);
    assert_eq!(bob.ends().await, Ended::RoomDeleted);
}

async fn sees_leaving(guest: &mut super::stage::Guest, who: &str) {
    let who = identity(who);
    guest
        .until("the leaving", |event| match event {
            RoomEvent::ParticipantLeft(gone) if gone == who => Some(()),
            _ => None,
        })
        .await;
}
