//! Promise 7: tracks come and go, and silence is immediate.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use livekit::{
    prelude::*,
    webrtc::audio_source::{AudioSourceOptions, native::NativeAudioSource},
};
use room_media::{Dbfs, tone::Tone};

use crate::support::{
    Guest, LEVEL, PATIENCE, RATE, Venue, figure, frame, percentile, publish_source,
};

const TIMES: usize = 20;
const SHORT: Duration = Duration::from_millis(300);
/// What `clear_buffer` and mute promise between the call and the other's ear.
const SILENCE_WITHIN: Duration = Duration::from_millis(40);
/// For a machine that does other things as well.
const BUSY: u32 = 5;
/// Samples below are silence; the tone reaches 4600.
const FAINT: i16 = 300;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_published_twenty_times_is_heard_each_time() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let mut bob = venue.guest("bob").await?;
    let mut first_sound = Vec::new();

    for time in 0..TIMES {
        bob.forget();
        let begin = Instant::now();
        let voice = alice.speak(440.0).await?;
        let recording = bob.hear("alice", SHORT).await?;
        alice.hush(voice).await?;
        bob.until("the end of the track", track_unsubscribed)
            .await?;

        let tone = recording.tone(440.0);
        assert!(tone.share >= 0.95, "time {time}: {tone:?}");
        let arrivals = recording.arrivals();
        first_sound.extend(arrivals.first().map(|&at| at - begin));
    }

    let left = bob.room.remote_participants();
    let alice_at_bob = left.values().next().context("alice has left")?;
    assert!(alice_at_bob.track_publications().is_empty());
    figure(
        "publish to sound, p50",
        format!("{:?}", percentile(&first_sound, 50)),
    );
    figure(
        "publish to sound, p95",
        format!("{:?}", percentile(&first_sound, 95)),
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_muted_voice_falls_silent_at_once_and_comes_back() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let voice = alice.speak(440.0).await?;
    bob.hear("alice", SHORT).await?;

    let muted = Instant::now();
    voice.publication.mute();
    bob.until("muting", |event| {
        matches!(event, RoomEvent::TrackMuted { .. }).then_some(())
    })
    .await?;
    let fell_silent = last_sound_after(&bob, muted).await;

    let unmuted = Instant::now();
    voice.publication.unmute();
    bob.until("unmuting", |event| {
        matches!(event, RoomEvent::TrackUnmuted { .. }).then_some(())
    })
    .await?;
    let recording = bob.hear("alice", SHORT).await?;

    figure("mute to silence", format!("{fell_silent:?}"));
    let first = recording.arrivals().first().map(|&at| at - unmuted);
    figure("unmute to sound", format!("{first:?}"));
    assert!(fell_silent <= SILENCE_WITHIN * BUSY, "{fell_silent:?}");
    assert!(recording.tone(440.0).share >= 0.9);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clearing_the_source_silences_what_was_handed_over() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let source = NativeAudioSource::new(AudioSourceOptions::default(), RATE.hertz(), 1, 5_000);
    publish_source(&alice.room, &source).await?;
    let mut tone = Tone::new(RATE, 440.0, Dbfs::new(LEVEL));
    let four_seconds = tone.take(RATE.samples_in(Duration::from_secs(4)));

    source.capture_frame(&frame(four_seconds)).await?;
    bob.hear("alice", SHORT).await?;
    let cleared = Instant::now();
    source.clear_buffer();
    let fell_silent = last_sound_after(&bob, cleared).await;

    figure("clear_buffer to silence", format!("{fell_silent:?}"));
    assert!(fell_silent <= SILENCE_WITHIN * BUSY, "{fell_silent:?}");
    Ok(())
}

/// Returns how long alice was still heard after `begin`, once she has been silent for a while.
async fn last_sound_after(bob: &Guest, begin: Instant) -> Duration {
    let ear = bob.ear("alice");
    let deadline = begin + PATIENCE;
    loop {
        let now = Instant::now();
        let last = ear.since(begin).last_sound(FAINT).unwrap_or(begin);
        if now - last > SHORT || now > deadline {
            return last - begin;
        }
        // What is watched for is that nothing comes: only time can show that.
        tokio::time::sleep(SHORT).await;
    }
}

fn track_unsubscribed(event: &RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::TrackUnsubscribed { .. }).then_some(())
}
