//! Promise 14: the older ways to talk to the server work as well.

use std::time::Duration;

use anyhow::Result;
use livekit::prelude::*;

use crate::support::{Guest, Venue};

/// What channels and connections a guest has is the server's and `livekit`'s business; that sound and
/// data pass in both directions is ours.
async fn sound_and_data_pass_both_ways(alice: &Guest, bob: &Guest) -> Result<()> {
    let _voices = (alice.speak(440.0).await?, bob.speak(660.0).await?);
    for (hearer, speaker, hertz) in [(alice, "bob", 660.0), (bob, "alice", 440.0)] {
        let recording = hearer.hear(speaker, Duration::from_secs(1)).await?;
        let tone = recording.tone(hertz);
        assert!(tone.share >= 0.95, "{tone:?}");
    }
    for (from, to) in [(alice, bob), (bob, alice)] {
        for reliable in [true, false] {
            let payload = format!("from {}, reliable {reliable}", from.identity()).into_bytes();
            let packet = DataPacket {
                payload: payload.clone(),
                reliable,
                ..DataPacket::default()
            };
            from.room.local_participant().publish_data(packet).await?;
            to.until("data", |event| match event {
                RoomEvent::DataReceived { payload: got, .. } => (**got == payload).then_some(()),
                _ => None,
            })
            .await?;
        }
    }
    Ok(())
}

/// This server speaks a protocol below 18, so `livekit` closes the channels that it had announced
/// beforehand and opens others in-band.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_opened_in_band_carry_data() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;

    assert!(alice.room.is_single_peer_connection_active());
    sound_and_data_pass_both_ways(&alice, &bob).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connections_one_to_send_and_one_to_receive_work() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest_with("alice", dual()).await?;
    let bob = venue.guest_with("bob", dual()).await?;

    assert!(!alice.room.is_single_peer_connection_active());
    sound_and_data_pass_both_ways(&alice, &bob).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_to_connect_meet_in_one_room() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest_with("bob", dual()).await?;

    sound_and_data_pass_both_ways(&alice, &bob).await
}

fn dual() -> RoomOptions {
    let mut options = RoomOptions::default();
    options.single_peer_connection = false;
    options
}
