//! Sample rates that Opus does not code, to and from those that it does.

use std::fmt;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use super::format::AudioFormat;

/// Length of the filter in samples: delays by half of it, 0.7 ms at 44.1 kHz.
const FILTER: usize = 64;

/// Converts interleaved 16-bit samples chunk by chunk.
pub(super) struct Resampler {
    inner: Async<f32>,
    channels: usize,
    input: Vec<f32>,
    output: Vec<f32>,
}

/// Which side of the conversion has chunks of one length, in samples per channel.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chunk {
    Input(usize),
    Output(usize),
}

impl Resampler {
    /// Returns a resampler to `rate` (Hz); `None` if the filter cannot be made.
    pub(super) fn new(from: AudioFormat, rate: u32, chunk: Chunk) -> Option<Self> {
        let ratio = f64::from(rate) / f64::from(from.sample_rate());
        let channels = usize::from(from.channels());
        let filter = SincInterpolationParameters::new(FILTER, WindowFunction::BlackmanHarris2)
            .interpolation(SincInterpolationType::Linear);
        let (length, fixed) = match chunk {
            Chunk::Input(length) => (length, FixedAsync::Input),
            Chunk::Output(length) => (length, FixedAsync::Output),
        };
        let inner = Async::new_sinc(ratio, 1.0, &filter, length, channels, fixed).ok()?;
        let output = vec![0.0; inner.output_frames_max() * channels];
        Some(Self {
            inner,
            channels,
            input: Vec::new(),
            output,
        })
    }

    /// How many interleaved samples the next chunk takes.
    pub(super) fn wanted(&self) -> usize {
        self.inner.input_frames_next() * self.channels
    }

    /// Converts one chunk of `wanted` samples, and appends the outcome.
    pub(super) fn process(&mut self, chunk: &[i16], samples: &mut Vec<i16>) {
        self.input.clear();
        self.input
            .extend(chunk.iter().map(|&sample| f32::from(sample)));
        let taken = chunk.len() / self.channels;
        let room = self.output.len() / self.channels;
        let made = InterleavedSlice::new(&self.input, self.channels, taken)
            .ok()
            .and_then(|input| {
                let mut output =
                    InterleavedSlice::new_mut(&mut self.output, self.channels, room).ok()?;
                Some(
                    self.inner
                        .process_into_buffer(&input, &mut output, None)
                        .ok()?
                        .1,
                )
            });
        debug_assert!(made.is_some(), "chunk of a length that was not asked for");
        let made = made.unwrap_or(0) * self.channels;
        samples.extend(
            self.output[..made]
                .iter()
                .map(|&sample| sample.round() as i16),
        );
    }
}

impl fmt::Debug for Resampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resampler")
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_keeps_its_length_and_its_level() {
        let from = AudioFormat::new(44_100, 1).unwrap();
        let mut resampler = Resampler::new(from, 48_000, Chunk::Output(960)).unwrap();
        let tone = |i: u32| {
            let phase = f64::from(i) * 1_000.0 / 44_100.0;
            ((phase * std::f64::consts::TAU).sin() * 10_000.0) as i16
        };

        let mut output = Vec::new();
        let mut taken = 0;
        for _ in 0..50 {
            let wanted = u32::try_from(resampler.wanted()).unwrap();
            let chunk: Vec<i16> = (taken..taken + wanted).map(tone).collect();
            resampler.process(&chunk, &mut output);
            taken += wanted;
        }

        assert_eq!(output.len(), 48_000);
        assert!(taken.abs_diff(44_100) < 100, "took {taken}");
        let peak = output[1_000..].iter().max().unwrap();
        assert!((9_700..10_300).contains(peak), "peak {peak}");
    }
}
