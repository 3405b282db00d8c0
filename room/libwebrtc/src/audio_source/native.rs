//! A source that the application feeds with frames.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use room_engine::audio::{AudioFormat, AudioSource, CaptureError};

use super::AudioSourceOptions;
use crate::audio_frame::AudioFrame;
use crate::{RtcError, RtcErrorType};

/// A queue of audio to send. Clones are the same source.
#[derive(Clone)]
pub struct NativeAudioSource {
    pub(crate) source: AudioSource,
    options: Arc<Mutex<AudioSourceOptions>>,
}

impl NativeAudioSource {
    /// Creates a source. `queue_size_ms` is how much audio may wait; with 0 the newest wins.
    ///
    /// # Panics
    ///
    /// When the format is none the engine can send (one or two channels at 8 to 192 kHz) or the
    /// queue is no multiple of 10 ms, as in the original crate.
    #[must_use]
    pub fn new(
        options: AudioSourceOptions,
        sample_rate: u32,
        num_channels: u32,
        queue_size_ms: u32,
    ) -> Self {
        assert!(
            queue_size_ms.is_multiple_of(10),
            "queue_size_ms must be a multiple of 10"
        );
        let format = format_of(sample_rate, num_channels)
            .expect("the caller asks for one or two channels at 8 to 192 kHz");
        let queue = Duration::from_millis(u64::from(queue_size_ms));
        let options = Arc::new(Mutex::new(options));
        Self {
            source: AudioSource::new(format, queue),
            options,
        }
    }

    /// Throws away what was not sent yet.
    pub fn clear_buffer(&self) {
        self.source.clear();
    }

    /// Hands over a frame; waits while the queue is full, which paces the caller to real time.
    ///
    /// # Errors
    ///
    /// When the frame has another format than the source.
    pub async fn capture_frame(&self, frame: &AudioFrame<'_>) -> Result<(), RtcError> {
        if (frame.sample_rate, frame.num_channels) != (self.sample_rate(), self.num_channels()) {
            return Err(RtcError {
                error_type: RtcErrorType::InvalidState,
                message: "sample_rate and num_channels don't match".to_owned(),
            });
        }
        self.source
            .capture(&frame.data)
            .await
            .map_err(|error| refused(&error))
    }

    /// Notes the wanted processing.
    pub fn set_audio_options(&self, options: AudioSourceOptions) {
        *self.options.lock() = options;
    }

    /// Returns the wanted processing.
    #[must_use]
    pub fn audio_options(&self) -> AudioSourceOptions {
        self.options.lock().clone()
    }

    /// Returns the sample rate in Hz.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.source.format().sample_rate()
    }

    /// Returns the number of channels.
    #[must_use]
    pub fn num_channels(&self) -> u32 {
        u32::from(self.source.format().channels())
    }
}

/// Returns the format if the engine takes it.
pub(crate) fn format_of(sample_rate: u32, num_channels: u32) -> Option<AudioFormat> {
    AudioFormat::new(sample_rate, u16::try_from(num_channels).ok()?).ok()
}

fn refused(error: &CaptureError) -> RtcError {
    RtcError {
        error_type: RtcErrorType::InvalidState,
        message: error.to_string(),
    }
}

impl fmt::Debug for NativeAudioSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeAudioSource").finish_non_exhaustive()
    }
}
