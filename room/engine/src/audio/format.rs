//! Sample rate and channel count of PCM audio.

use std::time::Duration;

/// The lowest and highest sample rates taken, in Hz.
const SAMPLE_RATES: std::ops::RangeInclusive<u32> = 8_000..=192_000;

/// Sample rate and channels of interleaved 16-bit PCM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioFormat {
    sample_rate: u32,
    channels: u16,
}

impl AudioFormat {
    /// Returns the format with `sample_rate` in Hz.
    ///
    /// # Errors
    ///
    /// When the rate is outside 8 to 192 kHz, or the channels are neither one nor two.
    pub fn new(sample_rate: u32, channels: u16) -> Result<Self, UnsupportedFormat> {
        if !SAMPLE_RATES.contains(&sample_rate) || !(1..=2).contains(&channels) {
            return Err(UnsupportedFormat {
                sample_rate,
                channels,
            });
        }
        Ok(Self {
            sample_rate,
            channels,
        })
    }

    /// Samples per second and channel.
    #[must_use]
    pub const fn sample_rate(self) -> u32 {
        self.sample_rate
    }

    /// One for mono, two for stereo.
    #[must_use]
    pub const fn channels(self) -> u16 {
        self.channels
    }

    /// Returns the same channels at a rate that is known to be good.
    pub(crate) const fn at_rate(self, sample_rate: u32) -> Self {
        Self {
            sample_rate,
            channels: self.channels,
        }
    }

    /// Returns how many interleaved samples `duration` (48 kHz samples) takes.
    pub(crate) fn samples_of(self, duration: u32) -> usize {
        let per_channel = u64::from(duration) * u64::from(self.sample_rate) / 48_000;
        per_channel as usize * usize::from(self.channels)
    }

    /// Returns how many interleaved samples `duration` takes, rounded down to whole frames.
    pub(crate) fn samples_in(self, duration: Duration) -> usize {
        let per_channel = duration.as_micros() * u128::from(self.sample_rate) / 1_000_000;
        usize::try_from(per_channel).unwrap_or(usize::MAX / 2) * usize::from(self.channels)
    }
}

/// A sample rate or channel count that the engine does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{channels} channels at {sample_rate} Hz: not one or two channels at 8 to 192 kHz")]
pub struct UnsupportedFormat {
    /// The refused sample rate in Hz.
    pub sample_rate: u32,
    /// The refused number of channels.
    pub channels: u16,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_milliseconds_of_stereo_are_counted_interleaved() {
        let format = AudioFormat::new(48_000, 2).unwrap();

        assert_eq!(format.samples_in(Duration::from_millis(20)), 1_920);
    }

    #[test]
    fn three_channels_are_refused() {
        assert!(AudioFormat::new(48_000, 3).is_err());
        assert!(AudioFormat::new(48_000, 0).is_err());
        assert!(AudioFormat::new(4_000, 1).is_err());
    }
}
