//! Test tones: making one, and finding out how much of what is heard is that tone.

use std::{f64::consts::TAU, time::Duration};

use crate::{Dbfs, Level, SampleRate};

/// A sine that goes on where it was left, whatever the size of the pieces.
#[derive(Clone, Debug)]
pub struct Tone {
    /// Turns per sample.
    step: f64,
    /// Turns since the beginning, without the whole ones.
    phase: f64,
    amplitude: f64,
}

impl Tone {
    /// Returns a sine of `hertz` whose root mean square is `level`. Above −3 dBFS its tips are cut.
    #[must_use]
    pub fn new(rate: SampleRate, hertz: f32, level: Dbfs) -> Self {
        Self {
            step: f64::from(hertz) / f64::from(rate.hertz()),
            phase: 0.0,
            amplitude: f64::from(level.amplitude()) * f64::sqrt(2.0) * 32_767.0,
        }
    }

    /// Writes the next samples, mono.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = (self.amplitude * (TAU * self.phase).sin()).round() as i16;
            self.phase = (self.phase + self.step).fract();
        }
    }

    /// Returns the next `count` samples, mono.
    #[must_use]
    pub fn take(&mut self, count: usize) -> Vec<i16> {
        let mut samples = vec![0; count];
        self.fill(&mut samples);
        samples
    }
}

/// How much of a recording is the tone that was sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneReport {
    /// Power at the tone's frequency over all power, 0 to 1, in the part that sounds.
    pub share: f32,
    /// The tone's own level, root mean square, in the part that sounds.
    pub level: Dbfs,
    /// The longest time without sound between the first and the last sound.
    pub longest_gap: Duration,
    /// From the first sound to the last.
    pub duration: Duration,
}

impl ToneReport {
    /// What is said of a recording in which nothing sounds.
    const NOTHING: Self = Self {
        share: 0.0,
        level: Dbfs::SILENCE,
        longest_gap: Duration::ZERO,
        duration: Duration::ZERO,
    };
}

/// Longer would smear a jump of phase over good sound, shorter would confuse neighbouring tones.
const WINDOW: Duration = Duration::from_millis(100);
/// The resolution of gaps.
const BLOCK: Duration = Duration::from_millis(5);
/// A block this far below the typical one does not sound.
const GAP_DEPTH: f32 = 12.0;
/// Comfort noise and dither stay below.
const QUIETEST_SOUND: f32 = -60.0;

/// Measures how much of `samples` (mono) is a tone of `hertz`. Silence before and after the sound
/// does not count.
#[must_use]
pub fn measure(samples: &[i16], rate: SampleRate, hertz: f32) -> ToneReport {
    let block = rate.samples_in(BLOCK);
    let loudness: Vec<f32> = samples
        .chunks_exact(block)
        .map(|b| Level::of(b).rms.decibels())
        .collect();
    let threshold = sounding_threshold(&loudness);
    let sounds = |&level: &f32| level > threshold;
    let (Some(first), Some(last)) = (
        loudness.iter().position(sounds),
        loudness.iter().rposition(sounds),
    ) else {
        return ToneReport::NOTHING;
    };
    let longest_gap = loudness[first..=last]
        .split(sounds)
        .map(<[f32]>::len)
        .max()
        .unwrap_or_default();
    let sounding = &samples[first * block..(last + 1) * block];
    let (share, power) = share_and_power(sounding, rate, hertz);
    ToneReport {
        share,
        level: Dbfs::of_power(power),
        longest_gap: rate.duration_of(longest_gap * block),
        duration: rate.duration_of(sounding.len()),
    }
}

/// Returns the mean power of the component of `samples` (mono) at `hertz`, where 1 is a full-scale
/// square wave (Goertzel's algorithm).
#[must_use]
pub fn power_at(samples: &[i16], rate: SampleRate, hertz: f32) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let coefficient = 2.0 * (TAU * f64::from(hertz) / f64::from(rate.hertz())).cos();
    let (mut before, mut last) = (0.0, 0.0);
    for &sample in samples {
        let next = f64::from(sample) / 32_768.0 + coefficient * last - before;
        (before, last) = (last, next);
    }
    let magnitude = before * before + last * last - coefficient * before * last;
    let count = samples.len() as f64;
    2.0 * magnitude / (count * count)
}

/// A block sounds when it comes near the typical block that is not silent.
fn sounding_threshold(loudness: &[f32]) -> f32 {
    let mut audible: Vec<f32> = loudness
        .iter()
        .copied()
        .filter(|&level| level > QUIETEST_SOUND)
        .collect();
    audible.sort_by(f32::total_cmp);
    let typical = audible.get(audible.len() / 2).copied().unwrap_or_default();
    (typical - GAP_DEPTH).max(QUIETEST_SOUND)
}

/// Returns the tone's share of all power, and its mean power.
fn share_and_power(samples: &[i16], rate: SampleRate, hertz: f32) -> (f32, f64) {
    let window = rate.samples_in(WINDOW).min(samples.len());
    let (mut tone, mut all, mut windows) = (0.0, 0.0, 0);
    for piece in samples.chunks_exact(window) {
        tone += power_at(piece, rate, hertz);
        all += f64::from(Level::of(piece).rms.amplitude()).powi(2);
        windows += 1;
    }
    if all <= 0.0 {
        return (0.0, 0.0);
    }
    ((tone / all).min(1.0) as f32, tone / f64::from(windows))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_24000;

    fn tone(hertz: f32, level: f32, millis: u64) -> Vec<i16> {
        let count = RATE.samples_in(Duration::from_millis(millis));
        Tone::new(RATE, hertz, Dbfs::new(level)).take(count)
    }

    #[test]
    fn a_pure_tone_is_all_tone_at_its_level() {
        let report = measure(&tone(443.0, -20.0, 1_000), RATE, 443.0);

        assert!(report.share > 0.99, "{report:?}");
        assert!((report.level.decibels() + 20.0).abs() < 0.1, "{report:?}");
        assert_eq!(report.longest_gap, Duration::ZERO);
    }

    #[test]
    fn another_tone_is_not_this_tone() {
        let report = measure(&tone(600.0, -20.0, 1_000), RATE, 440.0);

        assert!(report.share < 0.01, "{report:?}");
    }

    #[test]
    fn two_tones_at_once_share() {
        let (low, high) = (tone(440.0, -20.0, 1_000), tone(880.0, -20.0, 1_000));
        let both: Vec<i16> = low.iter().zip(&high).map(|(a, b)| a + b).collect();

        let report = measure(&both, RATE, 440.0);

        assert!((report.share - 0.5).abs() < 0.02, "{report:?}");
    }

    #[test]
    fn a_hole_is_found_and_silence_around_is_not_a_hole() {
        let silence = vec![0; 24_000];
        let hole = vec![0; RATE.samples_in(Duration::from_millis(60))];
        let sound = tone(440.0, -20.0, 500);

        let recording = [&silence[..], &sound, &hole, &sound, &silence].concat();

        let gap = measure(&recording, RATE, 440.0).longest_gap;
        assert!(gap.abs_diff(Duration::from_millis(60)) <= BLOCK, "{gap:?}");
    }

    #[test]
    fn nothing_is_not_a_tone() {
        assert_eq!(measure(&[], RATE, 440.0), ToneReport::NOTHING);
        assert_eq!(measure(&[0; 24_000], RATE, 440.0), ToneReport::NOTHING);
    }

    #[test]
    fn pieces_of_any_size_make_the_same_tone() {
        let whole = tone(440.0, -20.0, 100);
        let mut source = Tone::new(RATE, 440.0, Dbfs::new(-20.0));

        let pieces: Vec<i16> = [1, 100, 7, 2_292]
            .iter()
            .flat_map(|&n| source.take(n))
            .collect();

        assert_eq!(pieces, whole);
    }
}
