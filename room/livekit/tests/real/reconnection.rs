//! A server that dies and comes back.

use std::time::Duration;

use room_contract::{
    Attributes, AudioFormat, AudioStream, LocalTrack, PublishOptions, Room, RoomEvent, RoomEvents,
    Rooms,
};
use room_launcher::{LiveKitServer, Options};
use room_livekit::LiveKitRooms;
use tokio::{task::JoinSet, time::timeout};

use crate::support::{self, rooms_at};

const PATIENCE: Duration = Duration::from_secs(40);

#[tokio::test]
async fn after_a_restart_of_the_server_all_are_there_and_heard_and_nobody_has_left() {
    restarts(|rooms| rooms).await;
}

#[tokio::test]
async fn after_a_restart_of_the_server_all_are_heard_by_it_again() {
    restarts(LiveKitRooms::without_shortcuts).await;
}

async fn restarts(way: impl FnOnce(LiveKitRooms) -> LiveKitRooms) {
    let mut server = LiveKitServer::start(Options::default())
        .await
        .expect("a server");
    let rooms = way(rooms_at(&server.url(), "secret"));
    let (ann, mut at_ann) = enter(&rooms, "ann").await;
    let (bob, mut at_bob) = enter(&rooms, "bob").await;
    let state = Attributes::from([("state".to_owned(), "busy".to_owned())]);
    ann.set_attributes(state.clone()).await.expect("set");
    let moved = Attributes::from([("circle".to_owned(), "aside".to_owned())]);
    rooms
        .set_attributes(&ann.name(), &ann.identity(), moved.clone())
        .await
        .expect("set");
    let state: Attributes = state.into_iter().chain(moved).collect();
    until_changed(&mut at_ann, "circle").await;
    let track = ann
        .publish(PublishOptions::voice("voice"))
        .await
        .expect("published");
    let first_id = track.id();
    let mut noise = JoinSet::new();
    noise.spawn(hum(track.clone()));
    loud(&mut subscribed(&mut at_bob, &*bob).await).await;

    server.restart().await.expect("started again");

    let mut seen = Vec::new();
    let mut stream = loop {
        match next(&mut at_bob).await {
            RoomEvent::TrackSubscribed { track, .. } => {
                break bob
                    .audio(&track.id, AudioFormat::mono(24_000))
                    .expect("subscribed");
            }
            event => seen.push(format!("{event:?}")),
        }
    };
    loud(&mut stream).await;
    until_reconnected(&mut at_ann).await;
    says_again(&mut at_bob, &*bob, &state).await;
    assert_ne!(track.id(), first_id, "the track goes on under its new id");
    assert!(seen.iter().any(|event| event == "Reconnecting"), "{seen:?}");
    let moves = ["ParticipantLeft", "ParticipantJoined", "Ended"];
    assert!(
        !seen
            .iter()
            .any(|event| moves.iter().any(|moved| event.starts_with(moved))),
        "{seen:?}"
    );
}

async fn enter(rooms: &dyn Rooms, who: &str) -> (std::sync::Arc<dyn Room>, RoomEvents) {
    let joined = support::enter(rooms, "restart", who).await;
    (joined.room, joined.events)
}

async fn hum(track: std::sync::Arc<dyn LocalTrack>) {
    let step = std::f32::consts::TAU * 440.0 / 24_000.0;
    let piece: Vec<i16> = (0..2_400)
        .map(|n| ((n as f32 * step).sin() * 8_000.0) as i16)
        .collect();
    while track.capture(&piece).await.is_ok() {}
}

async fn subscribed(events: &mut RoomEvents, room: &dyn Room) -> AudioStream {
    loop {
        if let RoomEvent::TrackSubscribed { track, .. } = next(events).await {
            return room
                .audio(&track.id, AudioFormat::mono(24_000))
                .expect("subscribed");
        }
    }
}

async fn until_reconnected(events: &mut RoomEvents) {
    while !matches!(next(events).await, RoomEvent::Reconnected) {}
}

async fn until_changed(events: &mut RoomEvents, key: &str) {
    while !matches!(next(events).await, RoomEvent::AttributesChanged { changed, .. } if changed.contains_key(key))
    {
    }
}

/// Waits until the only other one is known by these attributes again.
async fn says_again(events: &mut RoomEvents, room: &dyn Room, state: &Attributes) {
    while room
        .participants()
        .first()
        .is_none_or(|other| other.attributes != *state)
    {
        next(events).await;
    }
}

async fn next(events: &mut RoomEvents) -> RoomEvent {
    timeout(PATIENCE, events.next())
        .await
        .expect("an event in time")
        .expect("not over")
}

/// Listens until ten frames in a row are loud.
async fn loud(stream: &mut AudioStream) {
    let mut in_a_row = 0;
    while in_a_row < 10 {
        let frame = timeout(PATIENCE, stream.next())
            .await
            .expect("a frame in time")
            .expect("a frame");
        let loud = frame
            .samples
            .iter()
            .any(|sample| sample.unsigned_abs() > 2_000);
        in_a_row = if loud { in_a_row + 1 } else { 0 };
    }
}
