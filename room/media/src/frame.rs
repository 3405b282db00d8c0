//! A piece of sound: 16-bit samples, their format, and where they belong on the timeline.

use std::time::Duration;

use crate::SampleRate;

/// How many voices a sample has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channels {
    /// One sample at a time.
    Mono,
    /// Left and right, interleaved.
    Stereo,
}

impl Channels {
    /// Returns 1 or 2.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }

    /// Returns the layout with `count` channels, if it is one of ours.
    #[must_use]
    pub const fn of(count: usize) -> Option<Self> {
        match count {
            1 => Some(Self::Mono),
            2 => Some(Self::Stereo),
            _ => None,
        }
    }
}

/// What is needed to understand a row of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// Samples per second and channel.
    pub rate: SampleRate,
    /// Mono or interleaved stereo.
    pub channels: Channels,
}

impl Format {
    /// Returns the mono format at `rate`.
    #[must_use]
    pub const fn mono(rate: SampleRate) -> Self {
        Self {
            rate,
            channels: Channels::Mono,
        }
    }

    /// Returns the interleaved stereo format at `rate`.
    #[must_use]
    pub const fn stereo(rate: SampleRate) -> Self {
        Self {
            rate,
            channels: Channels::Stereo,
        }
    }

    /// Returns how many values (all channels together) fill `duration`.
    #[must_use]
    pub const fn values_in(self, duration: Duration) -> usize {
        self.rate.samples_in(duration) * self.channels.count()
    }
}

/// Samples that follow each other without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    position: u64,
    format: Format,
    samples: Vec<i16>,
}

impl Frame {
    /// Returns the frame whose first sample stands at `position`, counted in samples per channel
    /// since its source began.
    ///
    /// # Errors
    ///
    /// [`FrameError::HalfSample`] when a stereo frame has an odd number of values.
    pub fn new(format: Format, position: u64, samples: Vec<i16>) -> Result<Self, FrameError> {
        if !samples.len().is_multiple_of(format.channels.count()) {
            return Err(FrameError::HalfSample {
                values: samples.len(),
            });
        }
        Ok(Self {
            position,
            format,
            samples,
        })
    }

    /// Returns `duration` of silence.
    #[must_use]
    pub fn silence(format: Format, position: u64, duration: Duration) -> Self {
        Self {
            position,
            format,
            samples: vec![0; format.values_in(duration)],
        }
    }

    /// Returns where the first sample stands on its source's timeline.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Returns where the next frame of the same source begins when nothing is missing.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.position.saturating_add(self.len() as u64)
    }

    /// Returns rate and layout.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Returns the values, interleaved when stereo.
    #[must_use]
    pub fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// Returns the values without copying them.
    #[must_use]
    pub fn into_samples(self) -> Vec<i16> {
        self.samples
    }

    /// Returns the number of samples per channel.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.samples.len() / self.format.channels.count()
    }

    /// Tells whether the frame has no sample at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns how long the frame lasts.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.format.rate.duration_of(self.len())
    }

    /// Returns the same sound with the given channels: stereo is averaged, mono is doubled.
    #[must_use]
    pub fn into_channels(self, channels: Channels) -> Self {
        let samples = match (self.format.channels, channels) {
            (Channels::Mono, Channels::Stereo) => {
                self.samples.iter().flat_map(|&s| [s, s]).collect()
            }
            (Channels::Stereo, Channels::Mono) => {
                let (pairs, _) = self.samples.as_chunks::<2>();
                pairs
                    .iter()
                    .map(|&[left, right]| left.midpoint(right))
                    .collect()
            }
            (Channels::Mono, Channels::Mono) | (Channels::Stereo, Channels::Stereo) => self.samples,
        };
        Self {
            format: Format {
                channels,
                ..self.format
            },
            samples,
            ..self
        }
    }
}

/// Why samples are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Left without its right: the source lost count, its stream cannot be trusted any further.
    #[error("{values} values are not whole stereo samples")]
    HalfSample {
        /// How many values there were.
        values: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_knows_where_the_next_one_begins() {
        let format = Format::stereo(SampleRate::HZ_48000);

        let frame = Frame::silence(format, 4_800, Duration::from_millis(20));

        assert_eq!((frame.len(), frame.samples().len()), (960, 1_920));
        assert_eq!(frame.end(), 5_760);
        assert_eq!(frame.duration(), Duration::from_millis(20));
    }

    #[test]
    fn half_a_stereo_sample_is_refused() {
        let format = Format::stereo(SampleRate::HZ_48000);

        let refused = Frame::new(format, 0, vec![1, 2, 3]);

        assert_eq!(refused, Err(FrameError::HalfSample { values: 3 }));
    }

    #[test]
    fn stereo_becomes_the_mean_and_mono_becomes_both() {
        let rate = SampleRate::HZ_8000;
        let both = Frame::new(Format::stereo(rate), 7, vec![i16::MAX, i16::MAX, 100, -50]).unwrap();

        let mono = both.into_channels(Channels::Mono);

        assert_eq!(mono.samples(), [i16::MAX, 25]);
        assert_eq!(mono.position(), 7);
        assert_eq!(
            mono.into_channels(Channels::Stereo).samples(),
            [i16::MAX, i16::MAX, 25, 25]
        );
    }
}
