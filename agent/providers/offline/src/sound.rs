//! What an engine made of a piece of text.

use std::time::Duration;

use agent_contract::WordTime;
use room_media::{Channels, Format, Resampler, SampleRate};

/// A clause or a sentence, spoken.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sound {
    /// Samples per second.
    pub hertz: u32,
    /// One channel.
    pub samples: Vec<i16>,
    /// The words of the text, seen from the beginning of this sound.
    pub words: Vec<WordTime>,
}

/// Quieter than any voice of the engines, louder than their rounding.
const SILENT: i16 = 120;
/// Keeps the attack of the first sound.
const LEAD: Duration = Duration::from_millis(10);
/// A breath before what follows.
const TAIL: Duration = Duration::from_millis(160);

impl Sound {
    /// Returns the same at another rate. `None` when the engine's rate is no rate of sound.
    pub(crate) fn at(self, rate: SampleRate) -> Option<Self> {
        let from = Format {
            rate: SampleRate::new(self.hertz).ok()?,
            channels: Channels::Mono,
        };
        if from.rate == rate {
            return Some(self);
        }
        let mut resampler = Resampler::new(from, rate).ok()?;
        let delay = rate.samples_in(resampler.delay());
        let mut samples = Vec::new();
        resampler.process(&self.samples, &mut samples);
        resampler.finish(&mut samples);
        samples.drain(..delay.min(samples.len()));
        Some(Self {
            hertz: rate.hertz(),
            samples,
            words: self.words,
        })
    }

    /// Returns it without the silence that engines put around it: the first word comes at once, the next clause after
    /// a breath.
    pub(crate) fn trimmed(mut self) -> Self {
        let Ok(rate) = SampleRate::new(self.hertz) else {
            return self;
        };
        let is_loud = |sample: &i16| sample.unsigned_abs() > SILENT.unsigned_abs();
        let Some(first) = self.samples.iter().position(is_loud) else {
            return Self {
                samples: Vec::new(),
                words: Vec::new(),
                ..self
            };
        };
        let last = self.samples.iter().rposition(is_loud).unwrap_or(first);
        let begin = first.saturating_sub(rate.samples_in(LEAD));
        let end = (last + 1 + rate.samples_in(TAIL)).min(self.samples.len());
        self.samples = self.samples[begin..end].to_vec();
        let (cut, length) = (rate.duration_of(begin), rate.duration_of(end - begin));
        for word in &mut self.words {
            word.from = word.from.saturating_sub(cut).min(length);
            word.to = word.to.saturating_sub(cut).min(length);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone_between(silence: usize, tone: usize) -> Sound {
        let mut samples = vec![0; silence];
        samples.extend(vec![5_000; tone]);
        samples.extend(vec![0; 16_000]);
        Sound {
            hertz: 16_000,
            samples,
            words: vec![WordTime {
                word: "hello".to_owned(),
                from: Duration::ZERO,
                to: Duration::from_millis(600),
            }],
        }
    }

    #[test]
    fn silence_around_speech_is_cut_and_words_move_with_it() {
        let sound = tone_between(4_800, 4_800).trimmed();

        assert_eq!(sound.samples.len(), 160 + 4_800 + 2_560);
        assert_eq!(sound.words[0].from, Duration::ZERO);
        assert_eq!(sound.words[0].to, Duration::from_millis(310));
    }

    #[test]
    fn silence_alone_comes_to_nothing() {
        let sound = tone_between(4_800, 0).trimmed();

        assert!(sound.samples.is_empty() && sound.words.is_empty());
    }

    #[test]
    fn another_rate_lasts_as_long() {
        let sound = tone_between(0, 16_000);
        let before = sound.samples.len();

        let sound = sound.at(SampleRate::HZ_8000).expect("a usual rate");

        assert!(sound.samples.len().abs_diff(before / 2) < 100);
    }
}
