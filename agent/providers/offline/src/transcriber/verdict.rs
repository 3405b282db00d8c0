//! Decides between what the grammar found and what the free model heard. Pure.

use agent_contract::{Language, Transcript};

use crate::pocketsphinx::Hypothesis;

/// What agreement with the free model is worth, in units of [`Hypothesis::fit`].
const AGREEMENT: f32 = 25.0;
/// Measured over three voices, clean and as on the telephone, 27 sentences of which 15 are in the grammar: these came
/// to −17 and more, the others to −19 and less.
const ENOUGH: f32 = -17.8;
/// A good fit.
const PERFECT: f32 = 5.0;

/// Outside the grammar: told as heard, not to be relied on.
const GUESS: f32 = 0.3;
/// Where there is no grammar to compare with.
const UNSURE: f32 = 0.5;

/// Returns what was said.
pub(super) fn decide(free: &str, grammar: Option<&Hypothesis>) -> Transcript {
    let Some(grammar) = grammar else {
        return transcript(free, UNSURE);
    };
    if !is_trusted(free, grammar) {
        return transcript(free, GUESS);
    }
    let above = (trust(free, grammar) - ENOUGH) / (PERFECT - ENOUGH);
    transcript(&grammar.text, 0.6 + 0.39 * above.clamp(0.0, 1.0))
}

/// Returns whether what the grammar found was said.
pub(super) fn is_trusted(free: &str, grammar: &Hypothesis) -> bool {
    !grammar.text.is_empty() && trust(free, grammar) >= ENOUGH
}

fn trust(free: &str, grammar: &Hypothesis) -> f32 {
    grammar.fit + AGREEMENT * similarity(free, &grammar.text)
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

    fn found(text: &str, fit: f32) -> Hypothesis {
        Hypothesis {
            text: text.to_owned(),
            fit,
        }
    }

    #[test]
    fn a_good_fit_carries_it_whatever_the_free_model_heard() {
        let grammar = found("no thank you", -10.3);

        let heard = decide("no sam que", Some(&grammar));

        assert_eq!(heard.text, "no thank you");
        assert!(heard.confidence > Some(0.6));
    }

    #[test]
    fn a_poor_fit_that_the_free_model_heard_alike_is_taken() {
        let grammar = found("next friday at half past three", -29.2);

        let heard = decide("yep friday and have a pet free", Some(&grammar));

        assert_eq!(heard.text, "next friday at half past three");
    }

    #[test]
    fn speech_outside_the_grammar_is_told_as_heard_with_low_confidence() {
        let grammar = found("twelve please", -24.7);

        let heard = decide("tell me something about quantum physics", Some(&grammar));

        assert_eq!(heard.text, "tell me something about quantum physics");
        assert_eq!(heard.confidence, Some(GUESS));
    }

    #[test]
    fn nothing_heard_is_nothing() {
        let heard = decide("", Some(&found("", 0.0)));

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
