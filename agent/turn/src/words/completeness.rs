//! How complete a transcript looks, in English and French.

use std::time::Duration;

use super::words;
use crate::TurnSettings;

/// How likely it is that nothing follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completeness {
    /// A sentence or a question that is over.
    Complete,
    /// It may be over.
    Unmarked,
    /// A number or a name is being spelled out.
    Dictating,
    /// It ends where no sentence does.
    Trailing,
}

/// These open something, whatever the punctuation says: transcribers put a full stop behind every pause.
const OPENERS: &[&str] = &[
    "and", "but", "or", "because", "um", "uh", "er", "erm", "the", "an", "my", "your", "our",
    "their", "et", "mais", "ou", "parce", "euh", "heu", "le", "les", "un", "une", "des", "du",
    "mon", "ma", "mes", "votre", "nos", "je", "donc",
];

/// These open something unless there is punctuation behind them ("Come in.").
const WEAK_OPENERS: &[&str] = &[
    "a", "so", "if", "when", "to", "of", "for", "with", "in", "on", "at", "from", "is", "are",
    "was", "i", "i'm", "i'd", "well", "then", "about", "which", "than", "as", "by", "would",
    "could", "can", "want", "need", "que", "qui", "si", "quand", "à", "de", "pour", "avec", "dans",
    "sur", "chez", "est", "sont", "c'est", "j'ai", "alors", "puis", "comme", "la", "voudrais",
    "veux",
];

const QUESTION_WORDS: &[&str] = &[
    "what", "what's", "where", "where's", "when", "who", "who's", "why", "how", "which", "can",
    "could", "do", "does", "did", "is", "are", "will", "would", "quel", "quelle", "quels",
    "quelles", "où", "quand", "comment", "pourquoi", "combien", "qui", "est", "qu'est", "pouvez",
    "peux", "avez",
];

const DIGIT_WORDS: &[&str] = &[
    "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double",
    "zéro", "un", "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf",
];

/// Fewer digits than this are no whole telephone number in most places.
const WHOLE_NUMBER: usize = 9;

impl Completeness {
    pub(crate) fn of(text: &str) -> Self {
        let text = text.trim_end();
        let end = End::of(text);
        if end == End::Question {
            return Self::Complete;
        }
        if end == End::Ellipsis || end == End::Comma {
            return Self::Trailing;
        }
        if is_dictated(text, end) {
            return Self::Dictating;
        }
        let words = words(text);
        let last = words.last().map(String::as_str).unwrap_or_default();
        if OPENERS.contains(&last) || (end == End::Nothing && WEAK_OPENERS.contains(&last)) {
            return Self::Trailing;
        }
        let asks = words.len() >= 3 && QUESTION_WORDS.contains(&words[0].as_str());
        if end == End::FullStop || asks {
            return Self::Complete;
        }
        Self::Unmarked
    }

    /// Returns the pause after which such a turn is over.
    pub(crate) fn patience(self, settings: &TurnSettings) -> Duration {
        let least = Duration::from_millis(settings.min_pause_ms.into());
        let most = Duration::from_millis(settings.max_pause_ms.into()).max(least);
        match self {
            Self::Complete => least,
            // Transcribers without punctuation would make everybody wait otherwise.
            Self::Unmarked => least + (most - least).mul_f32(0.3),
            Self::Dictating | Self::Trailing => most,
        }
    }
}

/// How a text ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Nothing,
    Comma,
    Ellipsis,
    FullStop,
    Question,
}

impl End {
    fn of(text: &str) -> Self {
        let text = text.trim_end_matches(['"', '»', '”', ')', ' ', '\u{a0}']);
        if text.ends_with("...") || text.ends_with('…') {
            return Self::Ellipsis;
        }
        match text.chars().next_back() {
            Some('?' | '？') => Self::Question,
            Some('.' | '!' | '。' | '！') => Self::FullStop,
            Some(',' | ';' | ':' | '-' | '–') => Self::Comma,
            Some(_) | None => Self::Nothing,
        }
    }
}

fn is_dictated(text: &str, end: End) -> bool {
    let (mut groups, mut digits, mut letters) = (0, 0, 0);
    for (place, token) in text.split_whitespace().rev().enumerate() {
        // "On June 4, 2026." is a date.
        if place > 0 && end == End::FullStop && token.ends_with(',') {
            break;
        }
        let token = token.trim_end_matches([',', '.', '!']).to_lowercase();
        let mut parts = token.split('-').filter(|part| !part.is_empty()).peekable();
        let is_number = parts.peek().is_some()
            && parts.clone().all(|p| {
                p.trim_matches(['+', '(', ')'])
                    .bytes()
                    .all(|b| b.is_ascii_digit())
            });
        if is_number {
            groups += parts.count();
            digits += token.bytes().filter(u8::is_ascii_digit).count();
        } else if DIGIT_WORDS.contains(&token.as_str()) {
            groups += 1;
            digits += 1;
        } else if token.chars().count() == 1 && token.chars().all(char::is_alphabetic) {
            letters += 1;
        } else {
            break;
        }
    }
    (groups >= 2 && digits < WHOLE_NUMBER) || (letters >= 2 && groups == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(texts: &[&str], expected: Completeness) {
        for text in texts {
            assert_eq!(Completeness::of(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_and_questions_are_complete() {
        all(
            &[
                "I would like to book a table.",
                "What are your opening hours",
                "Who are you with?",
                "Come in!",
                "Quelle heure est-il ?",
                "Combien ça coûte",
                "Tuesday at 10:30.",
                "On June 4, 2026.",
                "A table for two.",
                "My number is 06 12 34 56 78.",
            ],
            Completeness::Complete,
        );
    }

    #[test]
    fn a_plain_end_may_be_one() {
        all(
            &["tell me a story", "yes", "une table demain"],
            Completeness::Unmarked,
        );
    }

    #[test]
    fn what_opens_something_is_trailing() {
        all(
            &[
                "I want to book and.",
                "it is for my",
                "I would like to",
                "well um",
                "Tomorrow,",
                "I think…",
                "Je voudrais réserver pour",
                "c'est pour demain et.",
                "euh",
            ],
            Completeness::Trailing,
        );
    }

    #[test]
    fn numbers_and_letters_take_their_time() {
        all(
            &[
                "my number is 06 12",
                "It's 555-0199.",
                "five five five",
                "B R O",
                "zéro six",
            ],
            Completeness::Dictating,
        );
    }

    #[test]
    fn patience_grows_with_doubt() {
        let settings = TurnSettings::default();
        let patience = [
            Completeness::Complete,
            Completeness::Unmarked,
            Completeness::Trailing,
        ]
        .map(|completeness| completeness.patience(&settings).as_millis());

        assert_eq!(patience, [300, 660, 1_500]);
    }
}
