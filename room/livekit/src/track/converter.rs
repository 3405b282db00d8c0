//! Sound from the format it is handed over in to the one it is listened to in. Pure.

use room_contract::AudioFormat;
use room_media::{Channels, Format, Resampler, SampleRate};

/// One stream's conversion, at most 2 ms late.
pub(super) struct Converter {
    from: AudioFormat,
    to: AudioFormat,
    resampler: Resampler,
}

impl Converter {
    /// Returns none for rates that share too few factors.
    pub(super) fn new(from: AudioFormat, to: AudioFormat) -> Option<Self> {
        let channels = match from.channels.min(to.channels) {
            1 => Channels::Mono,
            _ => Channels::Stereo,
        };
        let rate = SampleRate::new(from.sample_rate).ok()?;
        let resampler = Resampler::new(
            Format { rate, channels },
            SampleRate::new(to.sample_rate).ok()?,
        );
        Some(Self {
            from,
            to,
            resampler: resampler.ok()?,
        })
    }

    pub(super) fn to(&self) -> AudioFormat {
        self.to
    }

    /// Drops what is still inside.
    pub(super) fn forget(&mut self) {
        self.resampler.finish(&mut Vec::new());
    }

    /// Converts a piece of any length; over time none is lost.
    pub(super) fn convert(&mut self, samples: &[i16]) -> Vec<i16> {
        let mut converted = Vec::with_capacity(samples.len());
        match (self.from.channels, self.to.channels) {
            (1, 2) => {
                let mut mono = Vec::with_capacity(samples.len());
                self.resampler.process(samples, &mut mono);
                converted.extend(mono.into_iter().flat_map(|sample| [sample; 2]));
            }
            (2, 1) => {
                let both = samples.as_chunks().0.iter();
                let mono: Vec<_> = both.map(|&[left, right]| left.midpoint(right)).collect();
                self.resampler.process(&mono, &mut converted);
            }
            _ => self.resampler.process(samples, &mut converted),
        }
        converted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEREO: AudioFormat = AudioFormat {
        sample_rate: 8_000,
        channels: 2,
    };

    #[test]
    fn the_same_format_passes_untouched() {
        let mono = AudioFormat::mono(24_000);
        let mut converter = Converter::new(mono, mono).expect("a conversion");

        assert_eq!(converter.convert(&[1, -2, 3]), [1, -2, 3]);
    }

    #[test]
    fn as_much_time_comes_out_as_goes_in() {
        let (from, to) = (AudioFormat::mono(24_000), AudioFormat::mono(8_000));
        let mut converter = Converter::new(from, to).expect("a conversion");

        let out: usize = (0..50).map(|_| converter.convert(&[0; 480]).len()).sum();

        assert_eq!(out, 8_000);
    }

    #[test]
    fn channels_are_averaged_and_repeated() {
        let mono = AudioFormat::mono(8_000);
        let mut narrowing = Converter::new(STEREO, mono).expect("a conversion");
        let mut widening = Converter::new(mono, STEREO).expect("a conversion");

        assert_eq!(narrowing.convert(&[10, 20, 30, 50]), [15, 40]);
        assert_eq!(widening.convert(&[7]), [7, 7]);
    }

    #[test]
    fn rates_with_too_little_in_common_are_no_conversion() {
        let (from, to) = (AudioFormat::mono(8_001), AudioFormat::mono(47_999));

        assert!(Converter::new(from, to).is_none());
    }
}
