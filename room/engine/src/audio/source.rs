//! Where an application hands over PCM to be sent.

use std::sync::Arc;
use std::time::Duration;

use super::format::AudioFormat;

/// Takes PCM from an application; cheap to clone.
#[derive(Debug, Clone)]
pub struct AudioSource {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    format: AudioFormat,
}

impl AudioSource {
    /// Returns a source that holds up to `queue` of audio before `capture` waits. Without a queue
    /// (zero) `capture` never waits, and the newest samples win.
    #[must_use]
    pub fn new(format: AudioFormat, queue: Duration) -> Self {
        let _ = queue;
        Self {
            shared: Arc::new(Shared { format }),
        }
    }

    /// The format that `capture` takes.
    #[must_use]
    pub fn format(&self) -> AudioFormat {
        self.shared.format
    }

    /// Queues interleaved samples for sending, and waits while the queue is full.
    ///
    /// # Errors
    ///
    /// When the samples are not whole frames of the source's format.
    #[expect(clippy::unused_async, reason = "signature first")]
    pub async fn capture(&self, samples: &[i16]) -> Result<(), CaptureError> {
        let _ = samples;
        Ok(())
    }

    /// Drops everything queued; takes effect at the next packet.
    pub fn clear(&self) {}
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
