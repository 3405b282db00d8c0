//! Promise 8: whatever breaks between a guest and the server mends, and nothing is lost or doubled.

use std::time::{Duration, Instant};

use anyhow::Result;
use livekit::{SimulateScenario, prelude::*};
use tokio::task::JoinSet;

use crate::support::{CuttableProxy, Guest, Venue, figure};

const SHORT: Duration = Duration::from_millis(500);
const BETWEEN_MESSAGES: Duration = Duration::from_millis(10);
/// Marks the last message.
const LAST: u32 = u32::MAX;

/// What may happen to messages that are sent while the connection is away.
#[derive(Clone, Copy, PartialEq)]
enum Messages {
    /// The old session goes on: every message arrives.
    AllArrive,
    /// There is a new session: what the server had not passed on is gone with the old one.
    SomeMayBeLost,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resume_after_losing_the_signal_loses_nothing() -> Result<()> {
    scenario(
        "signal",
        SimulateScenario::SignalReconnect,
        Messages::AllArrive,
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_reconnect_brings_everything_back() -> Result<()> {
    scenario(
        "full reconnect",
        SimulateScenario::FullReconnect,
        Messages::SomeMayBeLost,
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_node_is_survived() -> Result<()> {
    scenario(
        "node failure",
        SimulateScenario::NodeFailure,
        Messages::SomeMayBeLost,
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_is_survived() -> Result<()> {
    scenario(
        "migration",
        SimulateScenario::Migration,
        Messages::SomeMayBeLost,
    )
    .await
}

/// This server means it: whoever is sent away has to join anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn being_sent_away_ends_the_stay_once_and_for_all() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let _voice = alice.speak(440.0).await?;
    bob.hear("alice", SHORT).await?;

    let scenario = SimulateScenario::ServerLeave;
    alice.room.simulate_scenario(scenario).await?;
    let gone = |event: &RoomEvent| matches!(event, RoomEvent::Disconnected { .. });
    alice
        .until("Disconnected", |event| gone(event).then_some(()))
        .await?;
    bob.until("alice leaving", |event| {
        matches!(event, RoomEvent::ParticipantDisconnected(_)).then_some(())
    })
    .await?;
    assert_eq!(alice.count(gone), 1);

    let back = venue.guest("alice").await?;
    let _voice = back.speak(550.0).await?;
    let recording = bob.hear("alice", SHORT).await?;
    assert!(recording.tone(550.0).share >= 0.95);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_signalling_wire_loses_nothing() -> Result<()> {
    let venue = Venue::open().await?;
    let wire = CuttableProxy::to(venue.server.signalling_address()).await?;
    let options = RoomOptions::default();
    let alice = Guest::join(&wire.url(), &venue.token("alice")?, options).await?;

    let cut = async || {
        wire.cut();
        Ok(())
    };
    breaks_and_mends(&venue, alice, "cut wire", Messages::AllArrive, cut).await
}

async fn scenario(name: &str, scenario: SimulateScenario, messages: Messages) -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let room = alice.room.clone();

    let simulate = async || Ok(room.simulate_scenario(scenario).await?);
    breaks_and_mends(&venue, alice, name, messages, simulate).await
}

/// Two guests speak and send numbered messages to each other while alice's connection breaks.
async fn breaks_and_mends(
    venue: &Venue,
    alice: Guest,
    name: &str,
    messages: Messages,
    break_it: impl AsyncFnOnce() -> Result<()>,
) -> Result<()> {
    let bob = venue.guest("bob").await?;
    let _voices = (alice.speak(440.0).await?, bob.speak(660.0).await?);
    bob.hear("alice", SHORT).await?;
    alice.hear("bob", SHORT).await?;
    let mut counting = JoinSet::new();
    let stop = tokio_util::sync::CancellationToken::new();
    counting.spawn(count_aloud(alice.room.clone(), stop.clone()));
    counting.spawn(count_aloud(bob.room.clone(), stop.clone()));

    let broken = Instant::now();
    break_it().await?;
    let (mended, ()) = alice.until("Reconnected", reconnected).await?;
    figure(
        &format!("{name}: Reconnected after"),
        format!("{:?}", mended - broken),
    );

    for (hearer, speaker, hertz) in [(&bob, "alice", 440.0), (&alice, "bob", 660.0)] {
        // The first sound may still be from before, or span the mending.
        hearer.hear(speaker, SHORT).await?;
        let recording = hearer.hear(speaker, SHORT).await?;
        let tone = recording.tone(hertz);
        assert!(tone.share >= 0.95, "{name}: {speaker} at the end: {tone:?}");
        let gap = hearer.ear(speaker).since(broken).longest_wait();
        figure(
            &format!("{name}: gap in {speaker}'s voice"),
            format!("{gap:?}"),
        );
    }
    stop.cancel();
    let sent = counting.join_all().await;
    events_are_right(&alice, name);
    numbers_are_right(&bob, "alice", sent[0], messages, name).await?;
    numbers_are_right(&alice, "bob", sent[1], messages, name).await
}

fn reconnected(event: &RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::Reconnected).then_some(())
}

fn events_are_right(guest: &Guest, name: &str) {
    let away = guest.count(|event| matches!(event, RoomEvent::Reconnecting));
    let back = guest.count(|event| matches!(event, RoomEvent::Reconnected));
    let gone = guest.count(|event| matches!(event, RoomEvent::Disconnected { .. }));
    assert_eq!((away, back, gone), (1, 1, 0), "{name}: away, back, gone");
}

/// Sends numbers until told to stop, then the last one; returns how many went out.
async fn count_aloud(room: std::sync::Arc<Room>, stop: tokio_util::sync::CancellationToken) -> u32 {
    let mut tick = tokio::time::interval(BETWEEN_MESSAGES);
    let mut sent = 0;
    while !stop.is_cancelled() {
        tick.tick().await;
        if say(&room, sent).await.is_ok() {
            sent += 1;
        }
    }
    // The other side waits for it, so a failure shows there.
    let _ = say(&room, LAST).await;
    sent
}

async fn say(room: &Room, number: u32) -> RoomResult<()> {
    let packet = DataPacket {
        payload: number.to_be_bytes().to_vec(),
        reliable: true,
        ..DataPacket::default()
    };
    room.local_participant().publish_data(packet).await
}

/// Checks what a guest has got of the numbers that `from` sent.
async fn numbers_are_right(
    guest: &Guest,
    from: &str,
    sent: u32,
    messages: Messages,
    name: &str,
) -> Result<()> {
    let number = |event: &RoomEvent| match event {
        RoomEvent::DataReceived { payload, .. } => {
            payload.as_slice().try_into().ok().map(u32::from_be_bytes)
        }
        _ => None,
    };
    let last = |event: &RoomEvent| number(event).filter(|&n| n == LAST).map(drop);
    guest.until("the last message", last).await?;
    let got = guest.history.pick(0, number);
    let got: Vec<u32> = got
        .into_iter()
        .map(|(_, n)| n)
        .filter(|&n| n != LAST)
        .collect();

    let ascending = got.windows(2).all(|two| two[0] < two[1]);
    assert!(ascending, "{name}: doubled or out of order from {from}");
    let lost = sent as usize - got.len();
    figure(
        &format!("{name}: messages of {from} lost"),
        format!("{lost} of {sent}"),
    );
    if messages == Messages::AllArrive {
        assert_eq!(lost, 0, "{name}: messages of {from} lost of {sent}");
    }
    Ok(())
}
