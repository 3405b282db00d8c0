//! Promise 4: speech that starts after silence is heard from its first sample, and seen.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use livekit::prelude::*;

use super::live::{FRAME, Microphone};
use crate::support::{RATE, Venue, figure};

const SILENCE: Duration = Duration::from_secs(5);
const UTTERANCE: Duration = Duration::from_secs(1);
/// For a machine that does other things as well; the figure is what counts.
const BUSY_DELAY: Duration = Duration::from_millis(100);
/// Half of the tone's amplitude.
const LOUD: i16 = 2_300;

pub(super) fn subscribed(event: &RoomEvent) -> Option<()> {
    matches!(event, RoomEvent::TrackSubscribed { .. }).then_some(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_packet_after_five_seconds_of_silence_is_heard_at_once() -> Result<()> {
    let venue = Venue::open().await?;
    let agent = venue.guest("agent").await?;
    let caller = venue.guest("caller").await?;
    let mut microphone = Microphone::publish(&agent, 440.0).await?;
    caller.until("the agent's track", subscribed).await?;

    for time in 0..3 {
        let ear = caller.ear("agent");
        let quiet_since = Instant::now();
        tokio::time::sleep_until((quiet_since + SILENCE).into()).await;
        if time > 0 {
            let trailing = ear.since(quiet_since + SILENCE / 2).samples().len();
            assert_eq!(trailing, 0, "packets in silence");
        }
        let begin = microphone.sound_at_once(UTTERANCE).await?;
        let recording = caller.hear("agent", UTTERANCE).await?;

        let first = *recording.arrivals().first().context("nothing was heard")?;
        figure(
            "first sample after silence to the ear",
            format!("{:?}", first - begin),
        );
        let samples = recording.samples();
        let beginning = &samples[..RATE.samples_in(FRAME)];
        assert!(
            beginning.iter().any(|&sample| sample > LOUD),
            "the first packet is missing"
        );
        let tone = recording.tone(440.0);
        assert!(tone.duration >= UTTERANCE - FRAME, "{tone:?}");
        assert!(tone.share >= 0.95, "{tone:?}");
        assert!(first - begin <= BUSY_DELAY, "{:?}", first - begin);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_speaks_is_named_the_active_speaker_and_then_no_longer() -> Result<()> {
    let venue = Venue::open().await?;
    let agent = venue.guest("agent").await?;
    let mut caller = venue.guest("caller").await?;
    let mut microphone = Microphone::publish(&agent, 440.0).await?;
    caller.until("the agent's track", subscribed).await?;

    caller.forget();
    let begin = microphone.sound(Duration::from_secs(2)).await?;
    let (named, _) = caller
        .until("the agent to be the active speaker", |event| {
            speakers(event).filter(|names| names == &["agent"])
        })
        .await?;
    figure("speech to active speaker", format!("{:?}", named - begin));

    caller
        .until("nobody to be the active speaker", |event| {
            speakers(event).filter(Vec::is_empty)
        })
        .await?;
    Ok(())
}

fn speakers(event: &RoomEvent) -> Option<Vec<String>> {
    match event {
        RoomEvent::ActiveSpeakersChanged { speakers } => Some(
            speakers
                .iter()
                .map(|speaker| speaker.identity().to_string())
                .collect(),
        ),
        _ => None,
    }
}
