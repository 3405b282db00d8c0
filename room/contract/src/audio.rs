//! Sound as it arrives: frames of samples, in order.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use crossbeam_queue::ArrayQueue;
use tokio::sync::Notify;

/// Frames that wait to be taken (about a second); when it is full the oldest is dropped and
/// [counted](AudioStream::dropped), so that a slow listener stays near the present.
pub const QUEUE: usize = 64;

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

/// A track's sound. There may be no frames while its sender is silent; who needs a steady
/// stream inserts silence by their own clock. Dropping it closes it.
pub struct AudioStream {
    queue: Arc<Queue>,
}

impl AudioStream {
    /// Waits for the next frame; `None` once the track is gone.
    pub async fn next(&mut self) -> Option<AudioFrame> {
        loop {
            let woken = self.queue.news.notified();
            if let Some(frame) = self.queue.frames.pop() {
                return Some(frame);
            }
            if self.queue.ended.load(Ordering::Acquire) {
                // The last frame may have come between the two looks.
                return self.queue.frames.pop();
            }
            woken.await;
        }
    }

    /// Returns how many frames were dropped because nobody took them.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.queue.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for AudioStream {
    fn drop(&mut self) {
        self.queue.closed.store(true, Ordering::Release);
        self.queue.listener_gone.notify_one();
    }
}

/// The end that an implementation fills. Dropping it ends the stream.
pub struct FrameSender {
    queue: Arc<Queue>,
}

/// Makes the queue of one stream.
#[must_use]
pub fn queue() -> (FrameSender, AudioStream) {
    let queue = Arc::new(Queue {
        frames: ArrayQueue::new(QUEUE),
        news: Notify::new(),
        listener_gone: Notify::new(),
        ended: AtomicBool::new(false),
        closed: AtomicBool::new(false),
        dropped: AtomicU64::new(0),
    });
    (
        FrameSender {
            queue: Arc::clone(&queue),
        },
        AudioStream { queue },
    )
}

impl FrameSender {
    /// Puts a frame in without waiting; a full queue loses its oldest.
    pub fn send(&self, frame: AudioFrame) {
        if self.queue.frames.force_push(frame).is_some() {
            self.queue.dropped.fetch_add(1, Ordering::Relaxed);
        }
        self.queue.news.notify_one();
    }

    /// Returns whether the listener has gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.queue.closed.load(Ordering::Acquire)
    }

    /// Waits until the listener has gone.
    pub async fn closed(&self) {
        while !self.is_closed() {
            self.queue.listener_gone.notified().await;
        }
    }
}

impl Drop for FrameSender {
    fn drop(&mut self) {
        self.queue.ended.store(true, Ordering::Release);
        self.queue.news.notify_one();
    }
}

struct Queue {
    frames: ArrayQueue<AudioFrame>,
    news: Notify,
    listener_gone: Notify,
    ended: AtomicBool,
    closed: AtomicBool,
    dropped: AtomicU64,
}

impl fmt::Debug for AudioStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AudioStream")
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FrameSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameSender").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(value: i16) -> AudioFrame {
        AudioFrame {
            samples: vec![value; 480],
            format: AudioFormat::mono(48_000),
        }
    }

    #[tokio::test]
    async fn a_listener_that_is_too_slow_loses_the_oldest_frames() {
        let (sender, mut stream) = queue();

        for value in 0..=QUEUE {
            sender.send(frame(i16::try_from(value).expect("small")));
        }

        assert_eq!(stream.next().await, Some(frame(1)));
        assert_eq!(stream.dropped(), 1);
    }

    #[tokio::test]
    async fn a_stream_ends_after_its_last_frame() {
        let (sender, mut stream) = queue();

        sender.send(frame(7));
        drop(sender);

        assert_eq!(stream.next().await, Some(frame(7)));
        assert_eq!(stream.next().await, None);
    }

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
