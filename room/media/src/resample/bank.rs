//! The filter of a rate change: one windowed sinc, cut into a row of taps per output phase.

use std::{f64::consts::PI, time::Duration};

use crate::SampleRate;

/// More would be a table too large for a processor's first-level cache to be of any use.
const MOST_COEFFICIENTS: usize = 64 * 1024;

/// Half the filter's length in samples of the lower rate, where time is no limit: enough for a
/// slope of a tenth of that rate with 60 dB behind it.
const MOST_SAMPLES: u32 = 24;
/// Half the filter's length in time. It is the delay, kept under 2 ms with a little to spare.
const LONGEST_MICROS: u32 = 1_900;
/// Kaiser's shape parameter for 70 dB.
const KAISER_BETA: f64 = 6.76;

/// Accumulators side by side, which the compiler turns into vector instructions.
const LANES: usize = 8;

/// Returns how late sound leaves a filter between `from` and `to`: whole samples of the lower rate,
/// so that the way up and down again is late by whole samples too.
pub(super) fn delay(from: SampleRate, to: SampleRate) -> Duration {
    let lower = from.min(to).hertz();
    let samples = MOST_SAMPLES.min(LONGEST_MICROS * (lower / 1_000) / 1_000);
    Duration::from_secs(1) * samples / lower
}

/// Taps for every position that an output sample can have between two input samples.
#[derive(Clone, Debug)]
pub(super) struct Bank {
    /// `phases` rows of `taps`, the factor of the oldest sample first.
    rows: Vec<f32>,
    taps: usize,
    phases: usize,
    /// Phases from one output sample to the next.
    step: usize,
}

impl Bank {
    /// Returns the filter, or nothing if it would be too large.
    pub(super) fn design(from: SampleRate, to: SampleRate) -> Option<Self> {
        let common = greatest_common_divisor(from.hertz(), to.hertz());
        let phases = (to.hertz() / common) as usize;
        let step = (from.hertz() / common) as usize;
        let input = f64::from(from.hertz());
        let half = delay(from, to).as_secs_f64() * input;
        let taps = (2.0 * half).floor() as usize + 1;
        let taps = taps.next_multiple_of(LANES);
        if taps * phases > MOST_COEFFICIENTS {
            return None;
        }
        // Half the lower rate, in turns per input sample.
        let cutoff = f64::from(from.min(to).hertz()) / 2.0 / input;
        let rows = (0..phases)
            .flat_map(|phase| {
                let offset = phase as f64 / phases as f64;
                row(offset, taps, half, cutoff)
            })
            .collect();
        Some(Self {
            rows,
            taps,
            phases,
            step,
        })
    }

    pub(super) const fn taps(&self) -> usize {
        self.taps
    }

    /// Returns by how many input samples to advance, and the phase of the next output.
    pub(super) const fn next(&self, phase: usize) -> (usize, usize) {
        let sum = phase + self.step;
        (sum / self.phases, sum % self.phases)
    }

    /// Returns the output at `phase` from `taps` samples.
    pub(super) fn apply(&self, phase: usize, samples: &[f32]) -> f32 {
        let row = &self.rows[phase * self.taps..(phase + 1) * self.taps];
        let mut sums = [0.0; LANES];
        let (samples, _) = samples.as_chunks::<LANES>();
        let (factors, _) = row.as_chunks::<LANES>();
        for (samples, factors) in samples.iter().zip(factors) {
            for lane in 0..LANES {
                sums[lane] += samples[lane] * factors[lane];
            }
        }
        sums.iter().sum()
    }
}

/// The taps of an output that lies `offset` of a sample after the newest input.
fn row(offset: f64, taps: usize, half: f64, cutoff: f64) -> Vec<f32> {
    let exact: Vec<f64> = (0..taps)
        .map(|tap| {
            let age = (taps - 1 - tap) as f64 + offset;
            kernel(age - half, half, cutoff)
        })
        .collect();
    // Every phase passes a constant unchanged, or a constant would come out as a tone.
    let sum: f64 = exact.iter().sum();
    exact.iter().map(|factor| (factor / sum) as f32).collect()
}

/// Kaiser-windowed sinc at `time`, both in input samples.
fn kernel(time: f64, half: f64, cutoff: f64) -> f64 {
    if time.abs() >= half {
        return 0.0;
    }
    let x = 2.0 * cutoff * time;
    let sinc = if x.abs() < 1e-9 {
        1.0
    } else {
        (PI * x).sin() / (PI * x)
    };
    let ratio = time / half;
    sinc * bessel(KAISER_BETA * (1.0 - ratio * ratio).sqrt())
}

/// The modified Bessel function of the first kind and order zero, by its series.
fn bessel(x: f64) -> f64 {
    let quarter = x * x / 4.0;
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40 {
        term *= quarter / f64::from(k * k);
        sum += term;
    }
    sum
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
