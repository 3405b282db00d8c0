//! Samples that coders take for speech.

use std::f64::consts::TAU;

/// Returns mono samples: a wandering pitch with overtones, in syllables.
pub(crate) fn seconds(sample_rate: u32, seconds: u32) -> Vec<i16> {
    let mut phase = 0.0;
    let mut noise = 1_u32;
    let sample = |i: u32| {
        let time = f64::from(i) / f64::from(sample_rate);
        phase += (130.0 + 30.0 * (time * 1.3 * TAU).sin()) / f64::from(sample_rate);
        let overtones: f64 = (1..20)
            .map(|n| (phase * TAU * f64::from(n)).sin() / f64::from(n))
            .sum();
        let syllable = (time * 2.0 * TAU).sin().abs();
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let breath = f64::from(noise >> 16) / 65_536.0 - 0.5;
        ((overtones + breath * 0.2) * syllable * 5_000.0) as i16
    };
    (0..sample_rate * seconds).map(sample).collect()
}
