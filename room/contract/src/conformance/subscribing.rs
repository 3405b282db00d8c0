//! Whom one listens to.

use std::sync::Arc;

use futures_util::FutureExt;

use super::stage::{Guest, Stage, fail, identity, soon};
use crate::{AudioFormat, Identity, JoinOptions, RoomError, RoomEvent, Rooms, Subscribing, Whom};

const NOBODY: JoinOptions = JoinOptions {
    subscribing: Subscribing::Nobody,
};

/// Without a subscription there is no stream; with one there is, until it is taken back.
pub async fn nobody_is_heard_unasked_when_so_joined(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let mut bob = deaf(&stage, "bob").await;
    let track = ann.publishes().await.id();
    bob.until("the track", |event| match event {
        RoomEvent::TrackSubscribed { .. } => fail("subscribed unasked"),
        RoomEvent::TrackPublished { .. } => Some(()),
        _ => None,
    })
    .await;

    let unasked = bob.room.audio(&track, AudioFormat::mono(24_000));
    bob.room.subscribe(Whom::Only(identity("ann")));
    assert_eq!(subscribed(&mut bob).await, identity("ann"));
    let asked = bob.room.audio(&track, AudioFormat::mono(24_000));
    bob.room.unsubscribe(Whom::Only(identity("ann")));
    bob.until("the end of it", |event| match event {
        RoomEvent::TrackUnsubscribed { identity: who, .. } => {
            (who == identity("ann")).then_some(())
        }
        _ => None,
    })
    .await;

    assert!(matches!(unasked, Err(RoomError::Gone)), "{unasked:?}");
    assert!(asked.is_ok(), "{asked:?}");
}

/// A choice by name holds for what they publish later.
pub async fn one_is_chosen_before_they_publish(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let carl = stage.enter("carl").await;
    let mut bob = deaf(&stage, "bob").await;

    bob.room.subscribe(Whom::Only(identity("carl")));
    let _of_ann = ann.publishes().await;
    let _of_carl = carl.publishes().await;

    assert_eq!(subscribed(&mut bob).await, identity("carl"));
}

/// A rule for everybody holds for tracks that are there.
pub async fn all_are_chosen_at_once(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let _of_ann = ann.publishes().await;
    let mut bob = deaf(&stage, "bob").await;

    bob.room.subscribe(Whom::Everybody);

    assert_eq!(subscribed(&mut bob).await, identity("ann"));
}

/// What is said before is heard by nobody.
pub async fn whoever_publishes_learns_of_the_first_listener(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    let mut bob = deaf(&stage, "bob").await;
    let track = ann.publishes().await;
    bob.until("the track", |event| {
        matches!(event, RoomEvent::TrackPublished { .. }).then_some(())
    })
    .await;

    let unheard = track.subscribed().now_or_never();
    bob.room.subscribe(Whom::Everybody);
    subscribed(&mut bob).await;
    let stream = bob.room.audio(&track.id(), AudioFormat::mono(24_000));

    soon("a listener", track.subscribed()).await;
    assert_eq!(unheard, None, "nobody has listened yet");
    assert!(stream.is_ok(), "{stream:?}");
}

/// Somebody enters who is subscribed to nobody.
async fn deaf(stage: &Stage, who: &str) -> Guest {
    let person = stage.person(who);
    stage.try_enter(&person, NOBODY).await.expect("admitted")
}

async fn subscribed(guest: &mut Guest) -> Identity {
    guest
        .until("a subscription", |event| match event {
            RoomEvent::TrackSubscribed { identity, .. } => Some(identity),
            _ => None,
        })
        .await
}
