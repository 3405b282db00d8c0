//! Decoded audio of a remote track, as it arrives.

use std::task::{Context, Poll};

use super::format::AudioFormat;

/// How many frames a stream holds for a slow reader; then the oldest is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamCapacity(usize);

impl StreamCapacity {
    /// Holds `frames` frames, at least one.
    #[must_use]
    pub fn frames(frames: usize) -> Self {
        Self(frames.max(1))
    }
}

impl Default for StreamCapacity {
    fn default() -> Self {
        Self(10)
    }
}

/// Where the samples of a frame come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameOrigin {
    /// Its own packet.
    Received,
    /// A later packet that carried it too (RED or in-band FEC).
    Recovered,
    /// The decoder's imagination.
    Concealed,
}

/// A stretch of decoded audio, as long as its packet: 20 ms by default.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AudioFrame {
    /// Interleaved samples.
    pub samples: Vec<i16>,
    /// Their format.
    pub format: AudioFormat,
    /// Place of the first sample in the sender's timeline, in 48 kHz samples since the first
    /// packet heard. A jump between frames is the sender's silence.
    pub position: u64,
    /// Where the samples come from.
    pub origin: FrameOrigin,
}

/// The audio of a [`RemoteAudio`](super::RemoteAudio) in one format.
#[derive(Debug)]
pub struct AudioStream {
    format: AudioFormat,
    capacity: StreamCapacity,
}

impl AudioStream {
    pub(crate) fn new(format: AudioFormat, capacity: StreamCapacity) -> Self {
        Self { format, capacity }
    }

    /// The format of the stream's frames.
    #[must_use]
    pub fn format(&self) -> AudioFormat {
        self.format
    }

    /// Waits for the next frame; `None` when the track has ended or the stream is closed.
    pub async fn next(&mut self) -> Option<AudioFrame> {
        std::future::poll_fn(|context| self.poll_next(context)).await
    }

    /// The same for hand-written futures.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        let _ = (context, self.capacity);
        Poll::Pending
    }

    /// Ends the stream; frames still queued are dropped.
    pub fn close(&mut self) {}
}
