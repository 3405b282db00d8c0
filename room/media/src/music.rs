//! Music for those who wait: a few slow chords with a soft bell above them, for ever.

mod score;
mod voice;

use self::{score::Score, voice::Voice};
use crate::{SampleRate, sample::nearest};

/// How often the envelopes are looked at; in between they are straight lines.
const STEPS_PER_SECOND: u32 = 1_000;

/// More voices never sound at once: two chords of three notes each, and the bells that fade.
const MOST_VOICES: usize = 24;

/// Hold music that goes on where it was left, whatever the size of the pieces. It begins and moves
/// softly, has nothing above 2 kHz that a telephone would spoil, and stays below −12 dBFS.
#[derive(Clone, Debug)]
pub struct Music {
    rate: SampleRate,
    score: Score,
    voices: Vec<Voice>,
    /// Samples per step of the envelopes.
    step: usize,
    /// Samples until the next step.
    left: usize,
}

impl Music {
    /// Returns the music from its beginning.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            score: Score::new(rate),
            voices: Vec::with_capacity(MOST_VOICES),
            step: (rate.hertz() / STEPS_PER_SECOND).max(1) as usize,
            left: 0,
        }
    }

    /// Writes the next samples, mono.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            if self.left == 0 {
                self.take_step();
                self.left = self.step;
            }
            self.left -= 1;
            let sum: f32 = self.voices.iter_mut().map(Voice::next).sum();
            *sample = nearest(sum * 32_767.0);
        }
    }

    /// Lets notes begin and end, and tells each voice how loud it is to be.
    fn take_step(&mut self) {
        while let Some(note) = self.score.poll_note() {
            if self.voices.len() < MOST_VOICES {
                self.voices.push(Voice::new(note, self.rate));
            }
        }
        self.score.handle_samples(self.step);
        self.voices.retain_mut(|voice| voice.handle_step(self.step));
    }
}

#[cfg(test)]
mod tests {
    use std::{f64::consts::TAU, time::Duration};

    use super::*;
    use crate::{Level, tone::measure};

    fn music(rate: SampleRate, duration: Duration) -> Vec<i16> {
        let mut samples = vec![0; rate.samples_in(duration)];
        Music::new(rate).fill(&mut samples);
        samples
    }

    #[test]
    fn it_goes_on_for_ever_at_a_level_that_is_soft_and_never_gone() {
        let rate = SampleRate::HZ_8000;

        let samples = music(rate, Duration::from_secs(300));

        let half = rate.samples_in(Duration::from_millis(500));
        for (at, piece) in samples.chunks(half).enumerate().skip(3) {
            let level = Level::of(piece);
            let rms = level.rms.decibels();
            assert!((-38.0..-20.0).contains(&rms), "{rms} at {at}");
            assert!(level.peak.decibels() < -12.0, "{level:?} at {at}");
        }
    }

    #[test]
    fn it_has_no_clicks() {
        for rate in [SampleRate::HZ_24000, SampleRate::HZ_48000] {
            let samples = music(rate, Duration::from_secs(60));

            // The most that a sound of its loudness and up to 1.2 kHz can bend.
            let bend = (TAU * 1_200.0 / f64::from(rate.hertz())).powi(2);
            let allowed = bend * f64::from(Level::of(&samples).peak.amplitude()) * 32_768.0 + 2.0;
            let sharpest = samples.windows(3).map(|three| {
                let [a, b, c] = [0, 1, 2].map(|n| f64::from(three[n]));
                (a - 2.0 * b + c).abs()
            });
            let sharpest = sharpest.fold(0.0, f64::max);
            assert!(sharpest < allowed, "{sharpest} of {allowed} at {rate:?}");
        }
    }

    #[test]
    fn it_begins_softly() {
        let samples = music(SampleRate::HZ_24000, Duration::from_millis(100));

        assert!(
            samples[..24]
                .iter()
                .all(|sample| sample.unsigned_abs() < 50)
        );
    }

    #[test]
    fn the_size_of_the_pieces_does_not_matter() {
        let whole = music(SampleRate::HZ_24000, Duration::from_secs(10));
        let mut pieces = vec![0; whole.len()];
        let mut music = Music::new(SampleRate::HZ_24000);

        let mut rest = &mut pieces[..];
        for size in [1, 7, 480, 23, 960].into_iter().cycle() {
            let (piece, others) = rest.split_at_mut(size.min(rest.len()));
            music.fill(piece);
            rest = others;
            if rest.is_empty() {
                break;
            }
        }

        assert!(pieces == whole);
    }

    #[test]
    fn it_sounds_the_same_at_any_rate() {
        let first_chord = |rate: SampleRate| {
            let samples = music(rate, Duration::from_secs(3));
            measure(
                &samples[rate.samples_in(Duration::from_secs(1))..],
                rate,
                293.66,
            )
            .share
        };

        let (low, high) = (
            first_chord(SampleRate::HZ_8000),
            first_chord(SampleRate::HZ_48000),
        );

        assert!(low > 0.1 && (low - high).abs() < 0.02, "{low} {high}");
    }
}
