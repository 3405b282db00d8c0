//! A voice: pulses through the moving formants of vowels, so that it passes for speech.

use std::{
    f64::consts::{PI, TAU},
    time::Duration,
};

use room_contract::AudioFormat;

/// Formants of three vowels, in Hz.
const VOWELS: [[f64; 3]; 3] = [
    [730.0, 1_090.0, 2_440.0],
    [270.0, 2_290.0, 3_010.0],
    [570.0, 840.0, 2_410.0],
];
/// How much of each formant.
const GAINS: [f64; 3] = [1.0, 0.5, 0.25];
/// How long a vowel lasts, in seconds.
const VOWEL: f64 = 0.18;
/// What of the air's mean pressure is left from sample to sample: all below 80 Hz goes within some milliseconds.
/// Pulses push one way only, and a coder lets go of a mean that ends with a word over 100 ms, which would pass for voice.
const MEAN: f64 = 0.98;

/// Returns so much speech, voiced from the first sample to the last.
pub(crate) fn vowels(format: AudioFormat, length: Duration) -> Vec<i16> {
    let rate = f64::from(format.sample_rate);
    // The first pulse comes at once.
    let mut phase = 1.0;
    let mut resonators = [Resonator::default(); 3];
    let (mut before, mut level) = (0.0, 0.0);
    (0..format.values_in(length))
        .map(|n| {
            let time = n as f64 / rate;
            phase += 120.0 * (1.0 + 0.08 * (TAU * 3.0 * time).sin()) / rate;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= pulse;
            let place = time / VOWEL;
            let (from, to) = (VOWELS[place as usize % 3], VOWELS[(place as usize + 1) % 3]);
            let sum: f64 = (0..3)
                .map(|at| {
                    let hertz = from[at] + (to[at] - from[at]) * place.fract();
                    resonators[at].ring(pulse, hertz, rate) * GAINS[at]
                })
                .sum();
            let syllable = 0.35 + 0.65 * (TAU * 4.0 * time).cos().abs();
            let pressure = sum * syllable;
            level = MEAN * (level + pressure - before);
            before = pressure;
            (level * 9_000.0) as i16
        })
        .collect()
}

/// Rings at a formant when it is struck.
#[derive(Debug, Clone, Copy, Default)]
struct Resonator {
    before: [f64; 2],
}

impl Resonator {
    fn ring(&mut self, input: f64, hertz: f64, rate: f64) -> f64 {
        let decay = (-PI * 80.0 / rate).exp();
        let turn = 2.0 * decay * (TAU * hertz / rate).cos();
        let output = input + turn * self.before[0] - decay * decay * self.before[1];
        self.before = [output, self.before[0]];
        output
    }
}
