//! Brings a sum that is too loud back into 16 bits without breaking it.

use std::time::Duration;

use crate::{Format, sample::nearest};

/// The gain may change this often.
const BLOCK: Duration = Duration::from_millis(1);
/// How much of the lost gain comes back in a block: 6 dB in 120 ms, slow enough not to be heard as
/// a wobble.
const RELEASE: f32 = 1.005_773;
const LOUDEST: f32 = i16::MAX as f32;

/// Turns the gain down before a peak comes and slowly up behind it. What fits passes bit for bit.
#[derive(Debug)]
pub(super) struct Limiter {
    block: usize,
    channels: usize,
    /// Where the last tick ended.
    gain: f32,
}

impl Limiter {
    pub(super) fn new(format: Format) -> Self {
        Self {
            block: format.values_in(BLOCK),
            channels: format.channels.count(),
            gain: 1.0,
        }
    }

    /// Writes `sum`, limited, to `output`; both are one tick.
    ///
    /// Within a tick the next block is known, so the gain is down when its peak comes. Only a peak
    /// in a tick's first block may meet a gain still on its way, and is cut for a millisecond.
    pub(super) fn process(&mut self, sum: &[i32], output: &mut [i16]) {
        if self.gain >= 1.0 && fitting_gain(sum) >= 1.0 {
            for (value, output) in sum.iter().zip(output) {
                *output = *value as i16;
            }
            return;
        }
        let mut blocks = sum.chunks(self.block).peekable();
        let mut rest = output;
        while let Some(block) = blocks.next() {
            let next = blocks.peek().map_or(1.0, |next| fitting_gain(next));
            let released = (self.gain * RELEASE).min(1.0);
            let end = released.min(fitting_gain(block)).min(next);
            let (piece, later) = rest.split_at_mut(block.len().min(rest.len()));
            ramp(block, piece, self.channels, self.gain..end);
            rest = later;
            self.gain = end;
        }
    }
}

/// The highest gain that keeps `block` in range.
fn fitting_gain(block: &[i32]) -> f32 {
    let peak = block
        .iter()
        .map(|value| value.unsigned_abs())
        .max()
        .unwrap_or_default() as f32;
    if peak > LOUDEST { LOUDEST / peak } else { 1.0 }
}

fn ramp(block: &[i32], output: &mut [i16], channels: usize, gain: std::ops::Range<f32>) {
    let samples = (block.len() / channels) as f32;
    let step = (gain.end - gain.start) / samples;
    for (index, (value, output)) in block.iter().zip(output).enumerate() {
        let gain = gain.start + step * (index / channels) as f32;
        // At a gain of one this is the value itself: 24 bits of a float hold any sum of 256 voices.
        *output = nearest(*value as f32 * gain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dbfs, SampleRate, tone::Tone};

    const FORMAT: Format = Format::mono(SampleRate::HZ_8000);
    const TICK: usize = 160;

    /// The output for a sine of twice the full scale that begins `quiet` samples late.
    fn limited(quiet: usize) -> (Vec<i32>, Vec<i16>) {
        let mut limiter = Limiter::new(FORMAT);
        let tone = Tone::new(FORMAT.rate, 300.0, Dbfs::new(-3.02)).take(TICK * 10);
        let mut sum = vec![0; quiet];
        sum.extend(tone.iter().map(|&sample| 2 * i32::from(sample)));
        sum.truncate(TICK * 10);
        let mut output = vec![0; sum.len()];
        for (sum, output) in sum.chunks(TICK).zip(output.chunks_mut(TICK)) {
            limiter.process(sum, output);
        }
        (sum, output)
    }

    #[test]
    fn a_sum_twice_too_loud_stays_a_sine() {
        let (_, output) = limited(80);

        let report = crate::tone::measure(&output, FORMAT.rate, 300.0);

        assert!(report.share > 0.995, "{report:?}");
        assert!(report.level.decibels() > -4.0, "{report:?}");
    }

    #[test]
    fn a_peak_that_is_seen_coming_is_not_cut() {
        let (_, output) = limited(80);

        let flat = output
            .windows(2)
            .filter(|pair| pair[0] == pair[1] && pair[0] == i16::MAX);

        assert_eq!(flat.count(), 0);
    }

    #[test]
    fn what_fits_passes_untouched() {
        let mut limiter = Limiter::new(FORMAT);
        let sum: Vec<i32> = (0..TICK as i32)
            .map(|i| [i32::from(i16::MIN), 32_767][i as usize % 2])
            .collect();
        let mut output = vec![0; TICK];

        limiter.process(&sum[1..2], &mut output[1..2]);
        limiter.process(&[-32_767, 5, 32_767], &mut output[..3]);

        assert_eq!(output[..3], [-32_767, 5, 32_767]);
    }

    #[test]
    fn the_gain_comes_back() {
        let mut limiter = Limiter::new(FORMAT);
        let mut output = vec![0; TICK];
        limiter.process(&[100_000; TICK], &mut output);

        for _ in 0..15 {
            limiter.process(&[10_000; TICK], &mut output);
        }

        assert_eq!(output, [10_000; TICK]);
    }
}
