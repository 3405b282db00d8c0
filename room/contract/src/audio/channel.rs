//! The queue between a track and somebody of this process who listens to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use crossbeam_queue::ArrayQueue;
use futures_util::task::AtomicWaker;

use super::{AudioFrame, AudioStream, FrameSource};

/// [`QUEUE`](super::QUEUE) in frames of 20 ms; when it is full the oldest is dropped.
const FRAMES: usize = 50;

/// The end that is filled. Dropping it ends the stream.
pub struct FrameSender {
    queue: Arc<Queue>,
}

struct Receiver {
    queue: Arc<Queue>,
}

struct Queue {
    frames: ArrayQueue<AudioFrame>,
    news: AtomicWaker,
    ended: AtomicBool,
}

/// Opens a queue of 50 frames, which are a second as a rule; when it is full the oldest is dropped.
#[must_use]
pub fn channel() -> (FrameSender, AudioStream) {
    let queue = Arc::new(Queue {
        frames: ArrayQueue::new(FRAMES),
        news: AtomicWaker::new(),
        ended: AtomicBool::new(false),
    });
    (
        FrameSender {
            queue: Arc::clone(&queue),
        },
        AudioStream::new(Receiver { queue }),
    )
}

impl FrameSender {
    /// Hands a frame over.
    pub fn send(&self, frame: AudioFrame) {
        self.queue.frames.force_push(frame);
        self.queue.news.wake();
    }

    /// Returns whether the listener has gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        Arc::strong_count(&self.queue) == 1
    }
}

impl Drop for FrameSender {
    fn drop(&mut self) {
        self.queue.ended.store(true, Ordering::Release);
        self.queue.news.wake();
    }
}

impl FrameSource for Receiver {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<AudioFrame>> {
        self.queue.news.register(cx.waker());
        // The end is looked at before the frames: what came before it is still taken.
        let ended = self.queue.ended.load(Ordering::Acquire);
        match self.queue.frames.pop() {
            Some(frame) => Poll::Ready(Some(frame)),
            None if ended => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AudioFormat;

    fn frame(value: usize) -> AudioFrame {
        let value = i16::try_from(value).expect("small");
        AudioFrame {
            samples: vec![value; 480],
            format: AudioFormat::mono(24_000),
        }
    }

    #[tokio::test]
    async fn a_listener_that_is_too_slow_loses_the_oldest_frames() {
        let (sender, mut stream) = channel();

        for value in 0..=FRAMES {
            sender.send(frame(value));
        }

        assert_eq!(stream.next().await, Some(frame(1)));
    }

    #[tokio::test]
    async fn a_stream_ends_after_its_last_frame() {
        let (sender, mut stream) = channel();

        sender.send(frame(7));
        drop(sender);

        assert_eq!(stream.next().await, Some(frame(7)));
        assert_eq!(stream.next().await, None);
    }

    #[test]
    fn a_listener_that_has_gone_is_noticed() {
        let (sender, stream) = channel();
        assert!(!sender.is_closed());

        drop(stream);

        assert!(sender.is_closed());
    }
}
