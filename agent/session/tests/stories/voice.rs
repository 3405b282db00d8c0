//! A caller's voice: pulses through the moving formants of vowels, so that it passes for speech.

use std::f64::consts::TAU;

/// What the caller speaks in, in Hz.
pub(crate) const RATE: u32 = 16_000;

/// Formants of three vowels, in Hz.
const VOWELS: [[f64; 3]; 3] = [
    [730.0, 1_090.0, 2_440.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
];

/// How much of each formant.
const GAINS: [f64; 3] = [1.0, 0.5, 0.25];

/// Returns so much speech-like sound.
pub(crate) fn voice(ms: u32) -> Vec<i16> {
    let mut phase = 0.0;
    let mut resonators = [Resonator::default(); 3];
    (0..ms * RATE / 1_000)
        .map(|n| {
            let time = f64::from(n) / f64::from(RATE);
            phase += 120.0 * (1.0 + 0.08 * (TAU * 3.0 * time).sin()) / f64::from(RATE);
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= pulse;
            let place = time / 0.18;
            let (from, to) = (VOWELS[place as usize % 3], VOWELS[(place as usize + 1) % 3]);
            let sum: f64 = (0..3)
                .map(|at| {
                    let hertz = from[at] + (to[at] - from[at]) * place.fract();
                    resonators[at].ring(pulse, hertz) * GAINS[at]
                })
                .sum();
            let syllable = 0.35 + 0.65 * (TAU * 4.0 * time).cos().abs();
            (sum * syllable * 9_000.0) as i16
        })
        .collect()
}

/// Rings at a formant when it is struck.
#[derive(Debug, Clone, Copy, Default)]
struct Resonator {
    before: [f64; 2],
}

impl Resonator {
    fn ring(&mut self, input: f64, hertz: f64) -> f64 {
        let decay = (-std::f64::consts::PI * 80.0 / f64::from(RATE)).exp();
        let turn = 2.0 * decay * (TAU * hertz / f64::from(RATE)).cos();
        let output = input + turn * self.before[0] - decay * decay * self.before[1];
        self.before = [output, self.before[0]];
        output
    }
}
