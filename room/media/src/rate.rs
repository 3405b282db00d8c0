//! How many samples a second has.

use std::{fmt, time::Duration};

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// A sample rate in hertz, between 8 kHz (telephone) and 192 kHz (the most a sound card does).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleRate(u32);

impl SampleRate {
    /// The telephone network.
    pub const HZ_8000: Self = Self(8_000);
    /// Wide-band speech; what most transcribers want.
    pub const HZ_16000: Self = Self(16_000);
    /// What most speech synthesisers deliver.
    pub const HZ_24000: Self = Self(24_000);
    /// WebRTC's own rate.
    pub const HZ_48000: Self = Self(48_000);

    const LOWEST: u32 = 8_000;
    const HIGHEST: u32 = 192_000;

    /// Returns the rate of `hertz` samples a second.
    ///
    /// # Errors
    ///
    /// [`UnusableRate`] outside 8 to 192 kHz.
    pub const fn new(hertz: u32) -> Result<Self, UnusableRate> {
        if hertz >= Self::LOWEST && hertz <= Self::HIGHEST {
            Ok(Self(hertz))
        } else {
            Err(UnusableRate(hertz))
        }
    }

    /// Returns the rate in samples per second.
    #[must_use]
    pub const fn hertz(self) -> u32 {
        self.0
    }

    /// Returns how many whole samples fit into `duration`.
    #[must_use]
    pub const fn samples_in(self, duration: Duration) -> usize {
        (duration.as_nanos() * self.0 as u128 / NANOS_PER_SECOND) as usize
    }

    /// Returns how long `samples` (per channel) last, to the nanosecond below.
    #[must_use]
    pub const fn duration_of(self, samples: usize) -> Duration {
        let hertz = self.0 as usize;
        let nanos = (samples % hertz) as u64 * NANOS_PER_SECOND as u64 / self.0 as u64;
        Duration::new((samples / hertz) as u64, nanos as u32)
    }

    /// Returns where `position` of this rate's timeline lies on the timeline of `other`.
    #[must_use]
    pub const fn rescale(self, position: u64, other: Self) -> u64 {
        (position as u128 * other.0 as u128 / self.0 as u128) as u64
    }
}

impl TryFrom<u32> for SampleRate {
    type Error = UnusableRate;

    fn try_from(hertz: u32) -> Result<Self, UnusableRate> {
        Self::new(hertz)
    }
}

impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Hz", self.0)
    }
}

/// A rate at which nothing here works: choose one between 8 and 192 kHz.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample rate of {0} Hz is outside 8000 to 192000 Hz")]
pub struct UnusableRate(pub u32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_milliseconds_have_the_known_number_of_samples() {
        let twenty = Duration::from_millis(20);

        assert_eq!(SampleRate::HZ_8000.samples_in(twenty), 160);
        assert_eq!(SampleRate::HZ_48000.samples_in(twenty), 960);
        assert_eq!(SampleRate::HZ_48000.duration_of(960), twenty);
    }

    #[test]
    fn an_hour_of_samples_lasts_an_hour() {
        let samples = 3_600 * 44_100;

        let rate = SampleRate::new(44_100).unwrap();

        assert_eq!(rate.duration_of(samples), Duration::from_secs(3_600));
    }

    #[test]
    fn a_position_moves_to_another_timeline() {
        assert_eq!(
            SampleRate::HZ_8000.rescale(8_000, SampleRate::HZ_48000),
            48_000
        );
        assert_eq!(
            SampleRate::HZ_48000.rescale(u64::MAX, SampleRate::HZ_8000),
            u64::MAX / 6
        );
    }

    #[test]
    fn a_rate_nothing_can_play_is_refused() {
        assert_eq!(SampleRate::new(0), Err(UnusableRate(0)));
        assert_eq!(SampleRate::try_from(200_000), Err(UnusableRate(200_000)));
    }
}
