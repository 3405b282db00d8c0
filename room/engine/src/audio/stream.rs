//! Decoded audio of a remote track, as it arrives.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use crossbeam_queue::ArrayQueue;
use futures_util::Stream;
use futures_util::task::AtomicWaker;

use super::format::AudioFormat;

/// How many frames a stream holds for a slow reader; then the oldest is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamCapacity(usize);

impl StreamCapacity {
    #[cfg(test)]
    pub(super) const LARGE: Self = Self(2_000);

    /// Holds `frames` frames, at least one. Room for them is taken at once: 64 bytes each.
    #[must_use]
    pub fn frames(frames: usize) -> Self {
        Self(frames.max(1))
    }
}

impl Default for StreamCapacity {
    /// Holds 10 frames: 200 ms of most senders.
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

/// The audio of a [`RemoteAudio`](super::RemoteAudio) in one format. Dropping it detaches it.
#[derive(Debug)]
pub struct AudioStream {
    sink: Arc<Sink>,
}

impl AudioStream {
    pub(super) fn new(sink: Arc<Sink>) -> Self {
        Self { sink }
    }

    /// The format of the stream's frames.
    #[must_use]
    pub fn format(&self) -> AudioFormat {
        self.sink.format
    }

    /// How many frames were dropped because the reader was slow.
    #[must_use]
    pub fn dropped_frames(&self) -> u64 {
        self.sink.dropped.load(Ordering::Relaxed)
    }

    /// Waits for the next frame; `None` when the track has ended or the stream is closed.
    pub async fn next(&mut self) -> Option<AudioFrame> {
        std::future::poll_fn(|context| self.poll_frame(context)).await
    }

    /// Ends the stream; frames still queued are dropped.
    pub fn close(&mut self) {
        self.sink.close();
    }

    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        if let Some(frame) = self.sink.frames.pop() {
            return Poll::Ready(Some(frame));
        }
        self.sink.reader.register(context.waker());
        // A track that ends has handed over its last frame before: look at the end first.
        let ended = self.sink.ended.load(Ordering::SeqCst);
        match self.sink.frames.pop() {
            Some(frame) => Poll::Ready(Some(frame)),
            None if ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl Stream for AudioStream {
    type Item = AudioFrame;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_frame(context)
    }
}

impl Drop for AudioStream {
    fn drop(&mut self) {
        self.sink.close();
    }
}

/// Where the loop leaves the frames of a stream.
#[derive(Debug)]
pub(super) struct Sink {
    format: AudioFormat,
    frames: ArrayQueue<AudioFrame>,
    reader: AtomicWaker,
    /// No frame follows.
    ended: AtomicBool,
    /// Nobody reads any more.
    closed: AtomicBool,
    dropped: AtomicU64,
}

impl Sink {
    pub(super) fn new(format: AudioFormat, capacity: StreamCapacity) -> Self {
        Self {
            format,
            frames: ArrayQueue::new(capacity.0),
            reader: AtomicWaker::new(),
            ended: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
        }
    }

    pub(super) fn format(&self) -> AudioFormat {
        self.format
    }

    pub(super) fn is_open(&self) -> bool {
        !self.closed.load(Ordering::Relaxed)
    }

    /// Hands a frame to the reader; a full queue loses its oldest.
    pub(super) fn push(&self, frame: AudioFrame) {
        if self.frames.force_push(frame).is_some() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.reader.wake();
    }

    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.reader.wake();
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.end();
        while self.frames.pop().is_some() {}
    }
}
