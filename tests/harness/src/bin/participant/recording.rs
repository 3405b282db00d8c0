//! Writes down what is heard of somebody.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use livekit::prelude::*;
use livekit::webrtc::audio_stream::native::{NativeAudioStream, NativeAudioStreamOptions};
use room_media::{Channels, Format, Frame, wav};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use crate::events::Subscriptions;
use crate::voice::RATE;

/// A second, so that a busy machine loses none.
const QUEUE_FRAMES: usize = 100;

/// Records for `time` of the wall clock, over all tracks that `identity` publishes in turn, and
/// writes the sound to `file`.
pub(crate) async fn record(
    subscriptions: &Subscriptions,
    (identity, first): (&str, RemoteAudioTrack),
    time: Duration,
    file: &Path,
) -> Result<Value> {
    let end = Instant::now() + time;
    let mut heard = Heard::default();
    let mut track = first;
    loop {
        heard.listen(&track, end).await;
        let sid = track.sid();
        let next = subscriptions.track(identity, Some(&sid));
        match timeout_at(end, next).await {
            Ok(next) => track = next,
            Err(_) => break,
        }
    }
    // What did not come until the end counts as waiting, too.
    heard.wait_until(end);
    heard.write(file)
}

#[derive(Default)]
struct Heard {
    samples: Vec<i16>,
    frames: u64,
    last: Option<Instant>,
    longest_wait: Duration,
}

impl Heard {
    /// Listens until the track or the time ends.
    async fn listen(&mut self, track: &RemoteAudioTrack, end: Instant) {
        let options = NativeAudioStreamOptions {
            queue_size_frames: Some(QUEUE_FRAMES),
        };
        let rate = RATE.hertz() as i32;
        let mut stream = NativeAudioStream::with_options(track.rtc_track(), rate, 1, options);
        while let Ok(Some(frame)) = timeout_at(end, stream.next()).await {
            self.wait_until(Instant::now());
            self.frames += 1;
            self.samples.extend_from_slice(&frame.data);
        }
    }

    fn wait_until(&mut self, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            self.longest_wait = self.longest_wait.max(now.saturating_duration_since(last));
        }
    }

    fn write(self, file: &Path) -> Result<Value> {
        let count = self.samples.len();
        let format = Format {
            rate: RATE,
            channels: Channels::Mono,
        };
        let frame = Frame::new(format, 0, self.samples)?;
        std::fs::write(file, wav::write(&frame)?)?;
        Ok(json!({
            "samples": count,
            "frames": self.frames,
            "longest_wait_ms": self.longest_wait.as_secs_f64() * 1000.0,
        }))
    }
}
