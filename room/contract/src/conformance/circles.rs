//! Who is let hear what one publishes.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{
    stage::{Guest, Stage, fail, identity},
    tone::{Singing, falls_silent, hears},
};
use crate::{AudioFormat, AudioStream, Listeners, RoomEvent, Rooms};

const FORMAT: AudioFormat = AudioFormat::mono(24_000);

/// Longer than a subscription takes.
const MOMENT: Duration = Duration::from_secs(1);

/// The others hear on.
pub async fn one_who_is_not_let_hear_hears_nothing(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let mut carl = stage.enter("carl").await;
    let _singing = Singing::new(ann.publishes().await, 440.0);
    let mut at_bob = listens(&mut bob).await;
    let mut at_carl = listens(&mut carl).await;
    hears(&mut at_bob, 440.0).await;

    ann.room.let_hear(only(["carl"]));

    falls_silent(&mut at_bob).await;
    hears(&mut at_carl, 440.0).await;
}

/// They are told of the track anew.
pub async fn one_who_is_let_hear_again_hears(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let _singing = Singing::new(ann.publishes().await, 440.0);
    let mut before = listens(&mut bob).await;
    hears(&mut before, 440.0).await;
    ann.room.let_hear(only([]));
    falls_silent(&mut before).await;

    ann.room.let_hear(Listeners::Everybody);

    let mut again = listens(&mut bob).await;
    hears(&mut again, 440.0).await;
}

/// Nothing is heard between the first packet and the choice.
pub async fn what_is_published_later_obeys_from_the_beginning(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;

    ann.room.let_hear(only([]));
    let _singing = Singing::new(ann.publishes().await, 440.0);

    hears_of_no_track(&mut bob).await;
}

/// A choice by name holds for who comes later.
pub async fn one_who_comes_later_is_let_hear_by_name(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let ann = stage.enter("ann").await;
    ann.room.let_hear(only(["bob"]));
    let _singing = Singing::new(ann.publishes().await, 440.0);

    let mut carl = stage.enter("carl").await;
    let mut bob = stage.enter("bob").await;

    let mut at_bob = listens(&mut bob).await;
    hears(&mut at_bob, 440.0).await;
    hears_of_no_track(&mut carl).await;
}

/// Choices that follow each other closely take effect in order.
pub async fn the_last_choice_holds(rooms: Arc<dyn Rooms>) {
    let stage = Stage::new(rooms);
    let (ann, mut bob) = stage.two().await;
    let _singing = Singing::new(ann.publishes().await, 440.0);

    for _ in 0..20 {
        ann.room.let_hear(only(["carl"]));
        ann.room.let_hear(Listeners::Everybody);
    }
    ann.room.let_hear(only([]));

    let mut last = None;
    let events = async {
        while let Some(event) = bob.events.next().await {
            if let RoomEvent::TrackSubscribed { track, .. } = event {
                last = Some(track.id);
            }
        }
    };
    assert!(
        timeout(MOMENT, events).await.is_err(),
        "the connection ended"
    );
    if let Some(mut stream) = last.and_then(|track| bob.room.audio(&track, FORMAT).ok()) {
        falls_silent(&mut stream).await;
    }
}

async fn listens(guest: &mut Guest) -> AudioStream {
    let track = guest.until("a track to hear", |event| match event {
        RoomEvent::TrackSubscribed { track, .. } => Some(track.id),
        _ => None,
    });
    let track = track.await;
    guest.room.audio(&track, FORMAT).expect("it can be heard")
}

async fn hears_of_no_track(guest: &mut Guest) {
    let subscribed = async {
        while let Some(event) = guest.events.next().await {
            if matches!(event, RoomEvent::TrackSubscribed { .. }) {
                fail("somebody hears who must not");
            }
        }
    };
    assert!(
        timeout(MOMENT, subscribed).await.is_err(),
        "the connection ended"
    );
}

fn only<const N: usize>(names: [&str; N]) -> Listeners {
    Listeners::Only(names.map(identity).into())
}
