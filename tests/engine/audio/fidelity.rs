//! Promise 3, ours on both ends: the tone, its level, and nothing missing for a minute.

use std::time::Duration;

use anyhow::Result;

use super::live::{Counts, Microphone, delays};
use crate::support::{LEVEL, Venue, figure, percentile};

const MINUTE: Duration = Duration::from_secs(60);
const LONGEST_GAP: Duration = Duration::from_millis(40);
/// For a machine that does other things as well; the figure is what counts.
const BUSY_DELAY: Duration = Duration::from_millis(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_minute_of_tone_is_heard_whole_and_at_its_level_both_ways() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let _alices = alice.speak(440.0).await?;
    let _bobs = bob.speak(610.0).await?;
    // What comes before the connection has settled is not judged.
    bob.hear("alice", Duration::from_secs(1)).await?;
    alice.hear("bob", Duration::from_secs(1)).await?;

    let tasks = [(&bob, "alice", 440.0_f32), (&alice, "bob", 610.0)];
    let listening = tasks.map(|(listener, speaker, hertz)| async move {
        let mut recordings = Vec::new();
        for _ in 0..MINUTE.as_secs() / 10 {
            recordings.push(listener.hear(speaker, MINUTE / 6).await?);
        }
        anyhow::Ok((hertz, recordings))
    });

    for (hertz, recordings) in futures_util::future::try_join_all(listening).await? {
        for recording in recordings {
            let tone = recording.tone(hertz);
            figure(&format!("{hertz} Hz"), format!("{tone:?}"));
            assert!(tone.share >= 0.95, "{tone:?}");
            assert!((tone.level.decibels() - LEVEL).abs() <= 1.0, "{tone:?}");
            assert!(tone.longest_gap <= LONGEST_GAP, "{tone:?}");
        }
    }
    let counts = Counts::of(&bob, "alice").await?;
    assert_eq!(counts.concealed_share(), 0.0, "{counts:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_is_heard_within_milliseconds() -> Result<()> {
    let venue = Venue::open().await?;
    let alice = venue.guest("alice").await?;
    let bob = venue.guest("bob").await?;
    let mut microphone = Microphone::publish(&alice, 440.0).await?;
    bob.until("alice's track", super::onset::subscribed).await?;

    let duration = Duration::from_secs(10);
    let begin = microphone.sound(duration).await?;
    let recording = bob.ear("alice").since(begin);

    let delays = delays(&recording, begin);
    for percent in [50, 95, 99] {
        figure(
            &format!("mouth to ear without the 20 ms of a packet, p{percent}"),
            format!("{:?}", percentile(&delays, percent)),
        );
    }
    assert!(delays.len() >= 495, "{} packets", delays.len());
    assert!(
        percentile(&delays, 50) <= BUSY_DELAY,
        "{:?}",
        percentile(&delays, 50)
    );
    Ok(())
}
