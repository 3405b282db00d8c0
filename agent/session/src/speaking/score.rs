//! Which words belong to which sound. Pure.

use agent_contract::WordTime;
use room_media::SampleRate;

use super::RATE;

/// A speaker that tells nothing says about so many characters a second.
const CHARACTERS_PER_SECOND: u64 = 15;

/// A reply's text, laid over its sound.
#[derive(Debug, Default)]
pub(crate) struct Score {
    text: String,
    /// Where text and sound are known to meet: samples, bytes. Both only grow.
    points: Vec<(u64, usize)>,
    /// Where the next word is looked for.
    sought: usize,
    worded: bool,
}

impl Score {
    /// Takes in text that went to the speaker.
    pub(crate) fn add_text(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Takes in that so many characters have been spoken after so many samples.
    pub(crate) fn add_mark(&mut self, samples: u64, characters: usize) {
        if !self.worded {
            let bytes = self
                .text
                .char_indices()
                .nth(characters)
                .map_or(self.text.len(), |(at, _)| at);
            self.add_point(samples, bytes);
        }
    }

    /// Takes in when words are spoken.
    pub(crate) fn add_words(&mut self, words: &[WordTime]) {
        for word in words {
            let spoken = word.word.trim();
            let Some(at) = self.text[self.sought..].find(spoken) else {
                continue;
            };
            let start = self.sought + at;
            self.sought = start + spoken.len();
            self.worded = true;
            self.add_point(samples(word.from), start);
            self.add_point(samples(word.to), self.sought);
        }
    }

    /// Takes in that all text was spoken after so many samples.
    pub(crate) fn finish(&mut self, samples: u64) {
        self.add_point(samples, self.text.len());
    }

    /// Returns all the text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the words that were heard when so many samples were: half a word counts.
    pub(crate) fn heard(&self, samples: u64) -> &str {
        let reached = self.byte_at(samples);
        let mut end = 0;
        for (from, to) in words(&self.text) {
            if (from + to).div_ceil(2) > reached {
                break;
            }
            end = to;
        }
        &self.text[..end]
    }

    /// Returns where the word begins that is spoken at this sample.
    pub(crate) fn word_start(&self, samples: u64) -> u64 {
        let reached = self.byte_at(samples);
        let start = words(&self.text)
            .take_while(|(from, _)| *from <= reached)
            .last()
            .map_or(0, |(from, _)| from);
        self.sample_at(start).min(samples)
    }

    fn add_point(&mut self, samples: u64, bytes: usize) {
        let (last_samples, last_bytes) = self.points.last().copied().unwrap_or_default();
        if samples >= last_samples && bytes >= last_bytes {
            self.points.push((samples, bytes));
        }
    }

    fn byte_at(&self, samples: u64) -> usize {
        let next = self.points.partition_point(|(at, _)| *at <= samples);
        let (from, byte) = self.points[..next].last().copied().unwrap_or_default();
        let bytes = match self.points.get(next) {
            Some(&(to, until)) => proportion(samples - from, to - from, (until - byte) as u64),
            None => (samples - from) * CHARACTERS_PER_SECOND / u64::from(RATE.hertz()),
        };
        usize::try_from(bytes)
            .map_or(self.text.len(), |bytes| byte + bytes)
            .min(self.text.len())
    }

    fn sample_at(&self, byte: usize) -> u64 {
        let next = self.points.partition_point(|(_, at)| *at < byte);
        let (from, at) = match next.checked_sub(1) {
            Some(last) => self.points[last],
            None => (0, 0),
        };
        from + match self.points.get(next) {
            Some(&(to, until)) => proportion((byte - at) as u64, (until - at) as u64, to - from),
            None => (byte - at) as u64 * u64::from(RATE.hertz()) / CHARACTERS_PER_SECOND,
        }
    }
}

/// Returns `whole * part / of`.
fn proportion(part: u64, of: u64, whole: u64) -> u64 {
    (whole * part).checked_div(of).unwrap_or(whole)
}

fn samples(at: std::time::Duration) -> u64 {
    const { assert!(RATE.hertz() == SampleRate::HZ_24000.hertz()) };
    RATE.samples_in(at) as u64
}

/// The words of a text, from byte to byte.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.split_whitespace().map(move |word| {
        let from = word.as_ptr() as usize - text.as_ptr() as usize;
        (from, from + word.len())
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECOND: u64 = 24_000;

    fn word(word: &str, from: u64, to: u64) -> WordTime {
        WordTime {
            word: word.to_owned(),
            from: Duration::from_millis(from),
            to: Duration::from_millis(to),
        }
    }

    fn worded() -> Score {
        let mut score = Score::default();
        score.add_text("We are open, today.");
        score.add_words(&[
            word("We", 0, 200),
            word("are", 200, 400),
            word("open,", 500, 1_000),
            word("today.", 1_000, 2_000),
        ]);
        score
    }

    #[test]
    fn words_count_as_heard_from_their_middle_on() {
        let score = worded();

        assert_eq!(score.heard(0), "");
        assert_eq!(score.heard(SECOND * 6 / 10), "We are");
        assert_eq!(score.heard(SECOND * 8 / 10), "We are open,");
        assert_eq!(score.heard(SECOND * 3), "We are open, today.");
    }

    #[test]
    fn a_held_reply_goes_on_at_the_word_it_was_held_in() {
        let score = worded();

        assert_eq!(score.word_start(SECOND * 6 / 10), SECOND / 2);
        assert_eq!(score.word_start(SECOND * 3 / 10), SECOND * 2 / 10);
    }

    #[test]
    fn marks_of_pieces_are_enough() {
        let mut score = Score::default();
        score.add_text("One two. Three four.");
        score.add_mark(SECOND, 8);
        score.add_mark(SECOND * 2, 20);

        assert_eq!(score.heard(SECOND), "One two.");
        assert_eq!(score.heard(SECOND * 16 / 10), "One two. Three");
        assert_eq!(score.heard(SECOND * 2), "One two. Three four.");
    }

    #[test]
    fn without_any_mark_the_words_are_guessed() {
        let mut score = Score::default();
        score.add_text("one two three four five six seven");

        assert_eq!(score.heard(SECOND), "one two three");
        score.finish(SECOND * 2);
        assert_eq!(score.heard(SECOND), "one two three four");
    }

    #[test]
    fn words_that_are_not_in_the_text_do_no_harm() {
        let mut score = Score::default();
        score.add_text("été à la mer");
        score.add_words(&[
            word("winter", 0, 100),
            word("été", 0, 300),
            word("à", 300, 400),
        ]);

        assert_eq!(score.heard(SECOND * 4 / 10), "été à");
    }
}
