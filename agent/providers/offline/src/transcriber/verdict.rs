//! Decides between what the grammar found and what the free model heard. Pure.

use agent_contract::{Language, Transcript};

use crate::pocketsphinx::Hypothesis;

/// What agreement with the free model is worth, in units of [`Hypothesis::fit`].
const AGREEMENT: f32 = 25.0;
/// Measured over three voices, clean and as on the telephone, 26 sentences of which 14 are in the grammar, of a speaker
/// who said something before: 82 of 84 came above and were right, 65 of 72 others below. "Could you tell me where the
/// station is" comes above: it begins like a question of the grammar.
const ENOUGH: f32 = -15.0;
/// A good fit.
const PERFECT: f32 = 5.0;

/// Outside the grammar: told as heard, not to be relied on.
const GUESS: f32 = 0.3;
/// Where there is no grammar to compare with.
const UNSURE: f32 = 0.5;

/// What both decoders made of an utterance.
pub(super) struct Found {
    /// The words of the free model.
    pub free: String,
    /// What the grammar found, if there is one.
    pub strict: Option<Hypothesis>,
}

impl Found {
    /// Returns what was said.
    pub(super) fn decide(&self) -> Transcript {
        let Some(strict) = &self.strict else {
            return transcript(&self.free, UNSURE);
        };
        if !self.is_trusted() {
            return transcript(&self.free, GUESS);
        }
        let above = (self.trust() - ENOUGH) / (PERFECT - ENOUGH);
        transcript(&strict.text, 0.6 + 0.39 * above.clamp(0.0, 1.0))
    }

    /// Tells whether what the grammar found was said, or there is none.
    pub(super) fn is_trusted(&self) -> bool {
        self.trust() >= ENOUGH
    }

    /// Returns how well the grammar fits, and how much the free model agrees.
    fn trust(&self) -> f32 {
        match &self.strict {
            Some(strict) if strict.text.is_empty() => f32::NEG_INFINITY,
            Some(strict) => strict.fit + AGREEMENT * similarity(&self.free, &strict.text),
            None => f32::INFINITY,
        }
    }
}

fn transcript(text: &str, confidence: f32) -> Transcript {
    Transcript {
        text: text.to_owned(),
        confidence: Some(if text.is_empty() { 0.0 } else { confidence }),
        language: Some(Language::english()),
    }
}

/// Returns how alike two texts are by their letters, from 0 to 1: words that sound alike share most of them.
fn similarity(one: &str, other: &str) -> f32 {
    let letters = |text: &str| -> Vec<char> { text.chars().filter(|c| *c != ' ').collect() };
    let (one, other) = (letters(one), letters(other));
    let longer = one.len().max(other.len());
    if longer == 0 {
        return 0.0;
    }
    1.0 - distance(&one, &other) as f32 / longer as f32
}

/// Returns how many letters have to change.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(free: &str, text: &str, fit: f32) -> Transcript {
        let text = text.to_owned();
        let found = Found {
            free: free.to_owned(),
            strict: Some(Hypothesis { text, fit }),
        };
        found.decide()
    }

    #[test]
    fn a_good_fit_carries_it_whatever_the_free_model_heard() {
        let heard = decide("no sam que", "no thank you", -10.3);

        assert_eq!(heard.text, "no thank you");
        assert!(heard.confidence > Some(0.6));
    }

    #[test]
    fn a_poor_fit_that_the_free_model_heard_alike_is_taken() {
        let heard = decide(
            "yep friday and have a pet free",
            "next friday at half past three",
            -26.2,
        );

        assert_eq!(heard.text, "next friday at half past three");
    }

    #[test]
    fn speech_outside_the_grammar_is_told_as_heard_with_low_confidence() {
        let heard = decide(
            "tell me something about quantum physics",
            "twelve please",
            -24.7,
        );

        assert_eq!(heard.text, "tell me something about quantum physics");
        assert_eq!(heard.confidence, Some(GUESS));
    }

    #[test]
    fn nothing_heard_is_nothing() {
        let heard = decide("", "", 0.0);

        assert_eq!(heard.text, "");
        assert_eq!(heard.confidence, Some(0.0));
    }

    #[test]
    fn likeness_is_about_letters() {
        assert_eq!(similarity("abc", "abc"), 1.0);
        assert_eq!(similarity("", "abc"), 0.0);
        assert!(similarity("where are you", "were you") > 0.6);
    }
}
