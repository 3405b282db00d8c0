//! A piece of PCM audio.

use std::borrow::Cow;

/// Interleaved 16-bit samples with their format.
#[derive(Debug, Clone)]
pub struct AudioFrame<'a> {
    /// The samples, channels interleaved.
    pub data: Cow<'a, [i16]>,
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// One or two.
    pub num_channels: u32,
    /// Samples of one channel.
    pub samples_per_channel: u32,
}

impl AudioFrame<'_> {
    /// Creates a frame of silence.
    #[must_use]
    pub fn new(sample_rate: u32, num_channels: u32, samples_per_channel: u32) -> Self {
        let data = vec![0; (num_channels * samples_per_channel) as usize].into();
        Self {
            data,
            sample_rate,
            num_channels,
            samples_per_channel,
        }
    }
}
