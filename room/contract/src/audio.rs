//! Sound as it arrives: frames of samples, in order.

mod channel;

use std::{
    fmt,
    future::poll_fn,
    task::{Context, Poll},
    time::Duration,
};

pub use channel::{FrameSender, channel};

/// How much sound may wait to be taken; past it the oldest is dropped, so that a slow listener
/// stays near the present.
pub const QUEUE: Duration = Duration::from_secs(1);

/// The shape of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioFormat {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// Interleaved channels: 1 or 2.
    pub channels: u16,
}

impl AudioFormat {
    /// One channel.
    #[must_use]
    pub const fn mono(sample_rate: u32) -> Self {
        Self {
            sample_rate,
            channels: 1,
        }
    }

    /// Returns how many values (all channels) fill a duration, rounded down to whole samples.
    #[must_use]
    pub fn values_in(self, duration: Duration) -> usize {
        let samples = duration.as_micros() * u128::from(self.sample_rate) / 1_000_000;
        usize::try_from(samples)
            .unwrap_or(usize::MAX)
            .saturating_mul(usize::from(self.channels))
    }

    /// Returns how long so many values (all channels) last.
    #[must_use]
    pub fn duration_of(self, values: usize) -> Duration {
        let per_second = u64::from(self.sample_rate) * u64::from(self.channels);
        if per_second == 0 {
            return Duration::ZERO;
        }
        Duration::from_nanos((values as u64).saturating_mul(1_000_000_000) / per_second)
    }
}

/// A piece of sound; 10 or 20 ms as a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudioFrame {
    /// Signed 16-bit samples, interleaved.
    pub samples: Vec<i16>,
    /// Their shape.
    pub format: AudioFormat,
}

impl AudioFrame {
    /// Returns how long it lasts.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.format.duration_of(self.samples.len())
    }
}

/// Where the frames of a stream come from.
pub trait FrameSource: Send + 'static {
    /// Takes the next frame, at most [`QUEUE`] old; `None` once there are no more.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<AudioFrame>>;
}

/// A track's sound. There may be no frames while its sender is silent; who needs a steady
/// stream inserts silence by their own clock. Dropping it closes it.
pub struct AudioStream {
    source: Box<dyn FrameSource>,
}

impl AudioStream {
    /// Wraps a source of frames.
    #[must_use]
    pub fn new(source: impl FrameSource) -> Self {
        Self {
            source: Box::new(source),
        }
    }

    /// Waits for the next frame; `None` once the track is gone.
    pub async fn next(&mut self) -> Option<AudioFrame> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Takes the next frame, for one who waits for several streams at once.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        self.source.poll_frame(cx)
    }
}

impl fmt::Debug for AudioStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioStream").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_lengths_agree() {
        let stereo = AudioFormat {
            sample_rate: 48_000,
            channels: 2,
        };

        assert_eq!(stereo.values_in(Duration::from_millis(20)), 1920);
        assert_eq!(stereo.duration_of(1920), Duration::from_millis(20));
    }
}
