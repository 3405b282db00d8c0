//! Samples from one format to another, well enough for tests: channels averaged or repeated,
//! rates by straight lines between samples.

use crate::AudioFormat;

/// One stream's conversion.
pub(super) struct Converter {
    from: AudioFormat,
    to: AudioFormat,
    /// Where the next output sample lies: in 1/`to.sample_rate` steps past `last`.
    position: u64,
    last: i32,
}

impl Converter {
    pub(super) fn new(from: AudioFormat, to: AudioFormat) -> Self {
        Self {
            from,
            to,
            position: u64::from(to.sample_rate),
            last: 0,
        }
    }

    pub(super) fn convert(&mut self, samples: &[i16]) -> Vec<i16> {
        if self.from == self.to {
            return samples.to_vec();
        }
        if self.from.sample_rate == self.to.sample_rate {
            return self
                .mono(samples)
                .flat_map(|sample| self.spread(sample))
                .collect();
        }
        let (step, unit) = (
            u64::from(self.from.sample_rate),
            u64::from(self.to.sample_rate),
        );
        let mut converted = Vec::new();
        for sample in self.mono(samples) {
            while self.position <= unit {
                let slope = i64::from(sample - self.last) * self.position as i64 / unit as i64;
                converted.extend(self.spread(self.last + slope as i32));
                self.position += step;
            }
            self.position -= unit;
            self.last = sample;
        }
        converted
    }

    fn mono(&self, samples: &[i16]) -> impl Iterator<Item = i32> + use<> {
        let channels = usize::from(self.from.channels.max(1));
        let averaged: Vec<i32> = samples
            .chunks_exact(channels)
            .map(|frame| frame.iter().map(|&value| i32::from(value)).sum::<i32>() / channels as i32)
            .collect();
        averaged.into_iter()
    }

    fn spread(&self, sample: i32) -> impl Iterator<Item = i16> + use<> {
        let value = sample.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        std::iter::repeat_n(value, usize::from(self.to.channels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_time_comes_out_as_goes_in() {
        for (from, to) in [
            (8_000, 48_000),
            (48_000, 16_000),
            (24_000, 24_000),
            (44_100, 48_000),
        ] {
            let mut converter = Converter::new(AudioFormat::mono(from), AudioFormat::mono(to));

            let out: usize = (0..100)
                .map(|_| converter.convert(&vec![0; from as usize / 100]).len())
                .sum();

            // The first sample stands for itself alone: one input sample of delay.
            assert!(
                out.abs_diff(to as usize) <= (to / from) as usize + 1,
                "{from} to {to}: {out}"
            );
        }
    }

    #[test]
    fn a_straight_line_stays_one() {
        let mut converter = Converter::new(AudioFormat::mono(8_000), AudioFormat::mono(16_000));

        let out = converter.convert(&[0, 100, 200, 300]);

        assert_eq!(out, [0, 50, 100, 150, 200, 250, 300]);
    }

    #[test]
    fn channels_are_averaged_and_repeated() {
        let stereo = AudioFormat {
            sample_rate: 8_000,
            channels: 2,
        };

        let mono = Converter::new(stereo, AudioFormat::mono(8_000)).convert(&[10, 20, 30, 50]);
        let both = Converter::new(AudioFormat::mono(8_000), stereo).convert(&[7]);

        assert_eq!(mono, [15, 40]);
        assert_eq!(both, [7, 7]);
    }
}
