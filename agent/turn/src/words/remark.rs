//! Whether words over a reply are meant to stop it.

use super::words;

/// What somebody says while the agent speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remark {
    /// No word.
    Nothing,
    /// It says "I am listening": `mhm`, `ah`.
    Listening,
    /// It says so as well, but answers a question if one was just asked: `yes`, `d'accord`.
    Agreeing,
    /// It is meant.
    Meant,
}

/// Longer than any of the phrases below: a sentence.
const MOST_WORDS: usize = 4;

const LISTENING: &[&str] = &[
    "mhm", "mm", "mmm", "mmhmm", "hm", "hmm", "uh", "huh", "uhuh", "um", "er", "erm", "ah", "aha",
    "oh", "eh", "euh", "hum", "heu", "hein", "bah", "ben", "wow",
];

const AGREEING: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "yup",
    "ok",
    "okay",
    "sure",
    "right",
    "alright",
    "exactly",
    "oui",
    "ouais",
    "ouaip",
    "d'accord",
    "voilà",
    "exactement",
    "entendu",
    "bien",
    "bon",
    "parfait",
];

const AGREEING_PHRASES: &[&[&str]] = &[
    &["i", "see"],
    &["got", "it"],
    &["of", "course"],
    &["all", "right"],
    &["je", "vois"],
    &["c'est", "ça"],
    &["bien", "sûr"],
    &["très", "bien"],
    &["tout", "à", "fait"],
];

impl Remark {
    pub(crate) fn of(text: &str) -> Self {
        let words = words(text);
        if words.is_empty() {
            return Self::Nothing;
        }
        if words.len() > MOST_WORDS {
            return Self::Meant;
        }
        let mut rest: &[String] = &words;
        let mut remark = Self::Listening;
        while let Some(first) = rest.first() {
            let phrase = AGREEING_PHRASES
                .iter()
                .find(|phrase| rest.starts_with_words(phrase));
            if let Some(phrase) = phrase {
                remark = Self::Agreeing;
                rest = &rest[phrase.len()..];
                continue;
            }
            if AGREEING.contains(&first.as_str()) {
                remark = Self::Agreeing;
            } else if !LISTENING.contains(&first.as_str()) {
                return Self::Meant;
            }
            rest = &rest[1..];
        }
        remark
    }
}

trait StartsWithWords {
    fn starts_with_words(&self, phrase: &[&str]) -> bool;
}

impl StartsWithWords for [String] {
    fn starts_with_words(&self, phrase: &[&str]) -> bool {
        self.len() >= phrase.len() && self.iter().zip(phrase).all(|(word, other)| word == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_sounds_are_not_meant() {
        for text in ["Mhm.", "mm-hmm", "uh huh", "Ah", "Euh", "hein ?"] {
            assert_eq!(Remark::of(text), Remark::Listening, "{text}");
        }
    }

    #[test]
    fn agreement_is_not_meant_either() {
        for text in [
            "Yes.",
            "ok ok",
            "Oh, I see.",
            "D’accord",
            "oui, bien sûr",
            "Très bien",
        ] {
            assert_eq!(Remark::of(text), Remark::Agreeing, "{text}");
        }
    }

    #[test]
    fn everything_else_is_meant() {
        for text in [
            "No",
            "Stop!",
            "wait",
            "yes but",
            "attends",
            "I",
            "non merci",
            "ok ok ok ok ok",
        ] {
            assert_eq!(Remark::of(text), Remark::Meant, "{text}");
        }
    }

    #[test]
    fn a_noise_is_nothing() {
        assert_eq!(Remark::of("[cough]"), Remark::Nothing);
        assert_eq!(Remark::of(" … "), Remark::Nothing);
    }
}
