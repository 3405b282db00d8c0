//! Sounds to listen to: made up, or spoken by an engine where one is installed.

use std::{f64::consts::TAU, process::Command};

pub(crate) const RATE: usize = 16_000;

pub(crate) fn silence(ms: usize) -> Vec<i16> {
    vec![0; samples(ms)]
}

/// Sines at once, as loud as the amplitude says together.
pub(crate) fn tones(frequencies: &[f64], amplitude: f64, ms: usize) -> Vec<i16> {
    let each = amplitude / frequencies.len() as f64;
    sound(ms, |time| {
        frequencies
            .iter()
            .map(|hertz| (TAU * hertz * time).sin() * each)
            .sum()
    })
}

/// White noise, or a rumble when it is smoothed (0 to 1).
pub(crate) fn noise(amplitude: f64, smoothing: f64, ms: usize) -> Vec<i16> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut last = 0.0;
    let loudness = amplitude / (1.0 - smoothing).sqrt();
    sound(ms, |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let white = (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
        last = last * smoothing + white * (1.0 - smoothing) * loudness;
        last
    })
}

/// Speech-like sound: pulses of a voice that goes up and down, through the moving formants of vowels.
pub(crate) fn vowels(pitch: f64, ms: usize) -> Vec<i16> {
    let vowels = [
        (730.0, 1_090.0, 2_440.0),
        (270.0, 2_290.0, 3_010.0),
        (570.0, 840.0, 2_410.0),
    ];
    let mut phase = 0.0;
    let mut resonators = [Resonator::default(); 3];
    sound(ms, |time| {
        phase += pitch * (1.0 + 0.08 * (TAU * 3.0 * time).sin()) / RATE as f64;
        let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
        phase -= pulse;
        let place = time / 0.18;
        let (from, to) = (vowels[place as usize % 3], vowels[(place as usize + 1) % 3]);
        let mix = |a: f64, b: f64| a + (b - a) * place.fract();
        let formants = [mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2)];
        let voice: f64 = resonators
            .iter_mut()
            .zip(formants)
            .zip([1.0, 0.5, 0.25])
            .map(|((resonator, hertz), gain)| resonator.ring(pulse, hertz) * gain)
            .sum();
        let syllable = 0.35 + 0.65 * (TAU * 4.0 * time).cos().abs();
        voice * syllable * 9_000.0
    })
}

/// Notes of three voices with overtones that die away.
pub(crate) fn melody(ms: usize) -> Vec<i16> {
    let chords = [
        [261.6, 329.6, 392.0],
        [293.7, 349.2, 440.0],
        [246.9, 329.6, 392.0],
        [261.6, 329.6, 523.3],
    ];
    sound(ms, |time| {
        let since = time % 0.35;
        let chord = chords[(time / 0.35) as usize % chords.len()];
        let overtones = chord
            .iter()
            .flat_map(|note| (1..7).map(move |n| (note, f64::from(n))));
        let sum: f64 = overtones
            .map(|(note, n)| (TAU * note * n * time).sin() / (n * n))
            .sum();
        sum * (-3.0 * since).exp() * 3_000.0
    })
}

/// One chord with overtones that does not end.
pub(crate) fn chord(ms: usize) -> Vec<i16> {
    let overtones = [220.0, 277.2, 329.6].map(|note| [note, note * 2.0, note * 3.0]);
    tones(overtones.as_flattened(), 12_000.0, ms)
}

/// What is left after 8 kHz and μ-law.
pub(crate) fn over_the_phone(sound: &[i16]) -> Vec<i16> {
    let halves: Vec<i16> = sound
        .chunks_exact(2)
        .map(|pair| compressed(f64::midpoint(f64::from(pair[0]), f64::from(pair[1]))))
        .collect();
    let mut wide = Vec::with_capacity(sound.len());
    for pair in halves.windows(2) {
        wide.extend([pair[0], i16::midpoint(pair[0], pair[1])]);
    }
    wide
}

/// Returns what an engine says, at 16 kHz; nothing when it is not installed.
pub(crate) fn spoken(engine: &str, voice: &str, text: &str) -> Option<Vec<i16>> {
    let file = std::env::temp_dir().join(format!(
        "agent-turn-{engine}-{voice}-{}.wav",
        std::process::id()
    ));
    let mut command = Command::new(engine);
    match engine {
        "flite" => command.args(["-voice", voice, "-t", text, "-o"]).arg(&file),
        _ => command.args(["-v", voice, "-w"]).arg(&file).arg(text),
    };
    let is_spoken = command.output().is_ok_and(|output| output.status.success());
    let wav = std::fs::read(&file).ok().filter(|_| is_spoken)?;
    std::fs::remove_file(&file).ok();
    let rate = f64::from(u32::from_le_bytes(wav.get(24..28)?.try_into().ok()?));
    let samples: Vec<f64> = wav
        .get(44..)?
        .chunks_exact(2)
        .map(|pair| f64::from(i16::from_le_bytes([pair[0], pair[1]])))
        .collect();
    let count = (samples.len() as f64 * RATE as f64 / rate) as usize;
    let at = |place: f64| {
        let (whole, part) = (place as usize, place.fract());
        let next = samples
            .get(whole + 1)
            .or(samples.get(whole))
            .copied()
            .unwrap_or(0.0);
        samples
            .get(whole)
            .map_or(0.0, |one| one + (next - one) * part)
    };
    Some(
        (0..count)
            .map(|n| at(n as f64 * rate / RATE as f64) as i16)
            .collect(),
    )
}

#[derive(Debug, Clone, Copy, Default)]
struct Resonator {
    before: [f64; 2],
}

impl Resonator {
    fn ring(&mut self, input: f64, hertz: f64) -> f64 {
        let radius = (-std::f64::consts::PI * 80.0 / RATE as f64).exp();
        let turn = 2.0 * radius * (TAU * hertz / RATE as f64).cos();
        let out = input + turn * self.before[0] - radius * radius * self.before[1];
        self.before = [out, self.before[0]];
        out
    }
}

fn sound(ms: usize, mut at: impl FnMut(f64) -> f64) -> Vec<i16> {
    (0..samples(ms))
        .map(|n| at(n as f64 / RATE as f64) as i16)
        .collect()
}

fn compressed(sample: f64) -> i16 {
    let level = (1.0 + 255.0 * (sample.abs() / 32_768.0)).ln() / 256_f64.ln();
    let step = (level * 127.0).round() / 127.0;
    (sample.signum() * (256_f64.powf(step) - 1.0) / 255.0 * 32_768.0) as i16
}

fn samples(ms: usize) -> usize {
    ms * RATE / 1_000
}
