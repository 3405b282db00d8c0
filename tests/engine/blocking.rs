//! Promise 17: code of the application that blocks does not stop what goes out.
//!
//! That a callback which blocks harms no other connection is shown in the engine's own tests.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use livekit::{
    prelude::*,
    webrtc::audio_source::{AudioSourceOptions, native::NativeAudioSource},
};
use room_media::{Dbfs, tone::Tone};
use tokio::runtime;

use crate::support::{LEVEL, RATE, Venue, figure, frame, publish_source};

const BLOCKED: Duration = Duration::from_secs(2);
const SPOKEN: Duration = Duration::from_millis(2_500);
/// The listener's own bound for a voice without holes.
const NO_HOLE: Duration = Duration::from_millis(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blocked_runtime_does_not_stop_the_voice_that_was_handed_over() -> Result<()> {
    let venue = Venue::open().await?;
    let bob = venue.guest("bob").await?;
    let (url, token) = (venue.server.url(), venue.token("alice")?);
    let (left, leave) = tokio::sync::oneshot::channel();

    let blocking = thread::spawn(move || speak_and_block(&url, &token, leave));
    let recording = bob.hear("alice", BLOCKED).await?;
    let _ = left.send(());
    let blocked = blocking.join().ok().context("the speaker panicked")??;

    let arrivals = recording.arrivals();
    let (first, last) = (arrivals.first(), arrivals.last());
    let spent = first.zip(last).map(|(first, last)| *last - *first);
    let tone = recording.tone(440.0);
    figure("blocked for", format!("{blocked:?}"));
    figure("2 s of voice meanwhile took", format!("{spent:?}"));
    figure(
        "longest wait for a packet meanwhile",
        format!("{:?}", recording.longest_wait()),
    );
    assert!(tone.share >= 0.95, "{tone:?}");
    assert!(tone.longest_gap <= NO_HOLE, "{tone:?}");
    // Sound that waited for the runtime would arrive in one heap after the two seconds.
    let spent = spent.context("no sound")?;
    assert!(spent > BLOCKED * 9 / 10, "{spent:?}");
    assert!(recording.longest_wait() < BLOCKED / 2);
    Ok(())
}

/// Joins on a runtime of one thread, hands a long sound over, and blocks that thread.
#[expect(clippy::disallowed_methods, reason = "blocking is the point")]
fn speak_and_block(
    url: &str,
    token: &str,
    leave: tokio::sync::oneshot::Receiver<()>,
) -> Result<Duration> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let (room, _events) = Room::connect(url, token, RoomOptions::default()).await?;
        let source = NativeAudioSource::new(AudioSourceOptions::default(), RATE.hertz(), 1, 5_000);
        publish_source(&room, &source).await?;
        let mut tone = Tone::new(RATE, 440.0, Dbfs::new(LEVEL));
        let sound = tone.take(RATE.samples_in(SPOKEN));
        source.capture_frame(&frame(sound)).await?;

        let begin = Instant::now();
        thread::sleep(BLOCKED);
        let blocked = begin.elapsed();

        let _ = leave.await;
        room.close().await?;
        Ok(blocked)
    })
}
