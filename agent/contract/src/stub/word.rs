//! Words as sound: each is a pair of tones that belongs to it alone, so that they can be told apart again.

use std::time::Duration;

use room_media::{Dbfs, Level, SampleRate, tone::Tone, tone::power_at};

/// How long a word sounds, with the gap after it.
pub const WORD: Duration = Duration::from_millis(200);

/// The silence at its end.
const GAP: Duration = Duration::from_millis(40);

/// Shorter sounds are what is left of a word that was cut off.
const SHORTEST: Duration = Duration::from_millis(100);

/// How finely sound is looked at.
const BLOCK: Duration = Duration::from_millis(10);

/// Below it is silence.
const QUIET: f32 = -45.0;

/// Returns the sound of a word.
#[must_use]
pub fn say(word: &str, rate: SampleRate) -> Vec<i16> {
    let (low, high) = tones(word);
    let sounding = rate.samples_in(WORD - GAP);
    let mut samples = Tone::new(rate, low, Dbfs::new(-18.0)).take(sounding);
    let other = Tone::new(rate, high, Dbfs::new(-18.0)).take(sounding);
    for (sample, more) in samples.iter_mut().zip(other) {
        *sample = sample.saturating_add(more);
    }
    samples.resize(rate.samples_in(WORD), 0);
    samples
}

/// Finds the words of `vocabulary` in what was heard.
#[must_use]
pub fn hear(samples: &[i16], rate: SampleRate, vocabulary: &str) -> Vec<String> {
    let mut ear = Ear::new(rate, vocabulary);
    let mut words = ear.hear(samples);
    words.extend(ear.pause());
    words
}

/// Finds words in sound that comes piece by piece.
#[derive(Debug, Clone)]
pub struct Ear {
    rate: SampleRate,
    vocabulary: Vec<String>,
    /// What does not fill a block yet.
    rest: Vec<i16>,
    /// The word that sounds at present.
    sounding: Vec<i16>,
}

impl Ear {
    /// Returns an ear that knows the words of a text.
    #[must_use]
    pub fn new(rate: SampleRate, vocabulary: &str) -> Self {
        let mut words: Vec<String> = vocabulary.split_whitespace().map(bare).collect();
        words.sort();
        words.dedup();
        Self {
            rate,
            vocabulary: words,
            rest: Vec::new(),
            sounding: Vec::new(),
        }
    }

    /// Takes more sound, and returns the words that ended in it.
    pub fn hear(&mut self, samples: &[i16]) -> Vec<String> {
        self.rest.extend_from_slice(samples);
        let block = self.rate.samples_in(BLOCK);
        let whole = self.rest.len() / block * block;
        let blocks: Vec<i16> = self.rest.drain(..whole).collect();
        let mut words = Vec::new();
        for block in blocks.chunks_exact(block) {
            if Level::of(block).rms.decibels() > QUIET {
                self.sounding.extend_from_slice(block);
            } else {
                words.extend(self.pause());
            }
        }
        words
    }

    /// Returns whether a word sounds at present.
    #[must_use]
    pub fn is_sounding(&self) -> bool {
        !self.sounding.is_empty()
    }

    /// Ends the word that sounds at present, if it is long enough to be one.
    pub fn pause(&mut self) -> Option<String> {
        let sounding = std::mem::take(&mut self.sounding);
        if sounding.len() < self.rate.samples_in(SHORTEST) {
            return None;
        }
        let likeness = |word: &String| {
            let (low, high) = tones(word);
            power_at(&sounding, self.rate, low) * power_at(&sounding, self.rate, high)
        };
        self.vocabulary
            .iter()
            .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
            .cloned()
    }
}

/// Returns a word without case and punctuation.
fn bare(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns the two tones of a word, both within what a telephone carries.
fn tones(word: &str) -> (f32, f32) {
    // FNV-1a: the same on every machine.
    let hash = bare(word)
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let low = 400 + 25 * (hash >> 40) % 1_200;
    let high = 1_800 + 25 * (hash >> 20) % 1_600;
    (low as f32, high as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "the quick brown fox jumps over a lazy dog while seven wizards vex";

    #[test]
    fn words_are_heard_in_order_at_every_rate() {
        for rate in [
            SampleRate::HZ_8000,
            SampleRate::HZ_16000,
            SampleRate::HZ_24000,
            SampleRate::HZ_48000,
        ] {
            let sound: Vec<i16> = TEXT.split(' ').flat_map(|word| say(word, rate)).collect();

            assert_eq!(hear(&sound, rate, TEXT).join(" "), TEXT, "{rate}");
        }
    }

    #[test]
    fn half_a_word_is_none() {
        let rate = SampleRate::HZ_16000;
        let word = say("fox", rate);

        let heard = hear(&word[..word.len() / 3], rate, TEXT);

        assert!(heard.is_empty(), "{heard:?}");
    }
}
