//! How loud it is: in decibels for people, in one byte for RTP (RFC 6464).

use std::fmt;

/// The square of a full-scale sample.
const FULL_SCALE_POWER: f64 = 32_768.0 * 32_768.0;

/// Decibels below the loudest square wave, 0 (loudest) to −127 (silence). A full-scale sine is at
/// −3.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Dbfs(f32);

impl Dbfs {
    /// Nothing at all. 16-bit sound that is not nothing is above −91 dBFS when one sample lasts.
    pub const SILENCE: Self = Self(-127.0);
    /// As loud as numbers go.
    pub const FULL_SCALE: Self = Self(0.0);

    /// Returns the level of `decibels`, kept between silence and full scale.
    #[must_use]
    pub const fn new(decibels: f32) -> Self {
        if decibels >= 0.0 {
            Self::FULL_SCALE
        } else if decibels > Self::SILENCE.0 {
            Self(decibels)
        } else {
            // Not a number lands here as well.
            Self::SILENCE
        }
    }

    /// Returns the level of a mean square `power`, where 1 is a full-scale square wave.
    #[must_use]
    pub fn of_power(power: f64) -> Self {
        Self::new((10.0 * power.log10()) as f32)
    }

    /// Returns decibels, 0 to −127.
    #[must_use]
    pub const fn decibels(self) -> f32 {
        self.0
    }

    /// Returns the factor that brings a full-scale signal to this level.
    #[must_use]
    pub fn amplitude(self) -> f32 {
        10f32.powf(self.0 / 20.0)
    }
}

impl fmt::Display for Dbfs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} dBFS", self.0)
    }
}

/// The loudness of a piece of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Root of the mean square: what the ear goes by.
    pub rms: Dbfs,
    /// The largest sample: what clipping goes by.
    pub peak: Dbfs,
}

impl Level {
    /// Measures `samples`, of any number of channels. No samples are silence.
    #[must_use]
    pub fn of(samples: &[i16]) -> Self {
        let squares = samples.iter().map(|&s| i64::from(s) * i64::from(s));
        let power = squares.clone().sum::<i64>() as f64 / samples.len().max(1) as f64;
        let peak = squares.max().unwrap_or(0) as f64;
        Self {
            rms: Dbfs::of_power(power / FULL_SCALE_POWER),
            peak: Dbfs::of_power(peak / FULL_SCALE_POWER),
        }
    }
}

/// What microphones, lines and codecs make of silence is no louder: −52 dBFS.
const HUSH: u16 = 80;

/// Returns whether no sample is louder than what microphones, lines and codecs make of silence,
/// −52 dBFS.
#[must_use]
pub fn is_hush(samples: &[i16]) -> bool {
    samples.iter().all(|sample| sample.unsigned_abs() <= HUSH)
}

/// The level that travels beside an RTP packet, so that a server finds the active speaker without
/// decoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioLevel {
    below_full_scale: u8,
    voice: bool,
}

impl AudioLevel {
    /// Returns the level as RFC 6464 counts it, with the sender's opinion on whether it is a voice.
    #[must_use]
    pub fn new(rms: Dbfs, voice: bool) -> Self {
        Self {
            below_full_scale: (-rms.0).round() as u8,
            voice,
        }
    }

    /// Returns the level that a byte of the header extension carries.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        Self {
            below_full_scale: byte & 0x7f,
            voice: byte & 0x80 != 0,
        }
    }

    /// Returns the byte of the header extension.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        self.below_full_scale | if self.voice { 0x80 } else { 0 }
    }

    /// Returns the root mean square level.
    #[must_use]
    pub fn rms(self) -> Dbfs {
        Dbfs::new(-f32::from(self.below_full_scale))
    }

    /// Tells whether the sender thinks that somebody speaks.
    #[must_use]
    pub const fn is_voice(self) -> bool {
        self.voice
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SampleRate, tone::Tone};

    #[test]
    fn a_full_scale_sine_has_its_peak_at_zero_and_its_mean_three_below() {
        let mut samples = vec![0; 48_000];
        Tone::new(SampleRate::HZ_48000, 1_000.0, Dbfs::new(-3.01)).fill(&mut samples);

        let level = Level::of(&samples);

        assert!((level.rms.decibels() + 3.01).abs() < 0.01, "{}", level.rms);
        assert!(level.peak.decibels() > -0.01, "{}", level.peak);
    }

    #[test]
    fn the_loudest_and_the_quietest_stay_in_range() {
        assert_eq!(Level::of(&[i16::MIN; 10]).rms, Dbfs::FULL_SCALE);
        assert_eq!(Level::of(&[0; 10]).rms, Dbfs::SILENCE);
        assert_eq!(Level::of(&[]).peak, Dbfs::SILENCE);
        assert_eq!(Dbfs::new(f32::NAN), Dbfs::SILENCE);
    }

    #[test]
    fn every_byte_of_the_extension_survives() {
        for byte in 0..=u8::MAX {
            assert_eq!(AudioLevel::from_byte(byte).to_byte(), byte);
        }
        let level = AudioLevel::new(Dbfs::new(-30.4), true);
        assert_eq!(
            (level.to_byte(), level.rms().decibels(), level.is_voice()),
            (0x9e, -30.0, true)
        );
    }
}
