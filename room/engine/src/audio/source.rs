//! Where an application hands over PCM to be sent.

mod queue;
mod taker;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::format::AudioFormat;
use queue::{Push, SampleQueue};
pub(super) use taker::SourceTaker;

/// What a source without a queue holds: two frames on the wire, so that calls of 10 ms find room.
const UNQUEUED: Duration = Duration::from_millis(40);

/// Longest piece that is queued as one, so that a long utterance is not one allocation.
const PIECE: Duration = Duration::from_millis(20);

/// Takes PCM from an application; cheap to clone.
///
/// What it is given is sent by the track that was last made from it. Samples may come faster than
/// real time: they are queued, and sent at the pace of their sample rate.
#[derive(Debug, Clone)]
pub struct AudioSource {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    format: AudioFormat,
    when_full: WhenFull,
    queue: SampleQueue,
    /// Keeps the samples of one call together. Only callers of `capture` meet here.
    turn: Mutex<()>,
}

#[derive(Debug, Clone, Copy)]
enum WhenFull {
    Wait,
    DropOldest,
}

impl AudioSource {
    /// Returns a source that holds up to `queue` of audio before `capture` waits. Without a queue
    /// (zero) `capture` never waits, and the newest samples win.
    #[must_use]
    pub fn new(format: AudioFormat, queue: Duration) -> Self {
        let (when_full, length) = if queue.is_zero() {
            (WhenFull::DropOldest, UNQUEUED)
        } else {
            (WhenFull::Wait, queue.max(PIECE))
        };
        let queue = SampleQueue::new(format.samples_in(length), format.samples_in(PIECE));
        Self {
            shared: Arc::new(Shared {
                format,
                when_full,
                queue,
                turn: Mutex::new(()),
            }),
        }
    }

    /// The format that `capture` takes.
    #[must_use]
    pub fn format(&self) -> AudioFormat {
        self.shared.format
    }

    /// Queues interleaved samples for sending, and waits while the queue is full.
    ///
    /// Returns early when [`clear`](Self::clear) is called meanwhile; the rest of `samples` is
    /// dropped then. While no track sends the source, a full queue loses its oldest samples at
    /// the pace of the sample rate: the speaker talks on, unheard.
    ///
    /// # Errors
    ///
    /// When the samples are not whole frames of the source's format.
    pub async fn capture(&self, samples: &[i16]) -> Result<(), CaptureError> {
        let channels = self.shared.format.channels();
        if !samples.len().is_multiple_of(usize::from(channels)) {
            return Err(CaptureError::PartialFrame {
                samples: samples.len(),
                channels,
            });
        }
        let epoch = self.shared.queue.epoch();
        let _turn = self.shared.turn.lock().await;
        for piece in samples.chunks(self.shared.format.samples_in(PIECE)) {
            if !self.capture_piece(epoch, piece).await {
                break;
            }
        }
        Ok(())
    }

    /// Drops everything queued; takes effect at the next packet.
    pub fn clear(&self) {
        self.shared.queue.clear();
    }

    /// Lets a sender take the samples from here on, in place of an earlier one.
    pub(super) fn attach(self, wake: Arc<Notify>) -> SourceTaker {
        SourceTaker::new(self.shared, wake)
    }

    /// Returns false when the queue was cleared since `epoch`.
    async fn capture_piece(&self, epoch: u64, piece: &[i16]) -> bool {
        let queue = &self.shared.queue;
        loop {
            let pushed = match self.shared.when_full {
                WhenFull::DropOldest => queue.push(epoch, piece),
                WhenFull::Wait => queue.push_when_room(epoch, piece).await,
            };
            match (pushed, self.shared.when_full) {
                (Push::Done, _) => return true,
                (Push::Cleared, _) => return false,
                (Push::Full, WhenFull::DropOldest) => queue.drop_oldest(),
                (Push::Full, WhenFull::Wait) => self.play_unheard(piece.len()).await,
            }
        }
    }

    /// Stands in for the missing sender: waits as long as `samples` last, then drops as many.
    async fn play_unheard(&self, samples: usize) {
        let format = self.shared.format;
        let per_second = format.sample_rate() * u32::from(format.channels());
        pause(Duration::from_secs_f64(
            samples as f64 / f64::from(per_second),
        ))
        .await;
        if !self.shared.queue.has_taker() {
            self.shared.queue.drop_oldest();
        }
    }
}

/// Waits on the engine's timer: the application may run on any executor.
async fn pause(duration: Duration) {
    // Without threads of its own the engine sends nothing, and there is no pace to keep.
    let Ok(handle) = crate::runtime::media_handle() else {
        return;
    };
    let sleep = {
        let _entered = handle.enter();
        tokio::time::sleep(duration)
    };
    sleep.await;
}

/// Samples that the source cannot take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The caller mixed up its channels.
    #[error("{samples} samples are not whole frames of {channels} channels")]
    PartialFrame {
        /// How many samples were given.
        samples: usize,
        /// How many channels the source has.
        channels: u16,
    },
}

#[cfg(test)]
mod tests;
