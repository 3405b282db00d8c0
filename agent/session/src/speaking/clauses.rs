//! Cuts a stream of tokens into pieces that can be spoken. Pure.

use crate::Pieces;

/// A first piece shorter than this sounds cut off from what follows.
const SHORTEST_CLAUSE: usize = 8;

/// Text without a full stop is cut at a comma from here on,
const LONG: usize = 160;

/// and between two words from here on,
const VERY_LONG: usize = 260;

/// and anywhere from here on, since no word is as long.
const ENDLESS: usize = 400;

/// What ends with a full stop and is no sentence.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "etc", "e.g", "i.e", "approx", "dept",
    "ext", "jr", "sr", "m", "mm", "mme", "mlle", "env", "p.ex", "c.-à-d", "tél", "av", "bd",
];

/// Cuts text as it is written.
#[derive(Debug)]
pub(crate) struct Clauses {
    form: Form,
    open: String,
    first: bool,
}

/// What the speaker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Words,
    Pieces(Pieces),
}

/// Text for the speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    /// Whether it can be spoken without what follows.
    pub(crate) complete: bool,
}

impl Clauses {
    pub(crate) fn new(pieces: Pieces, takes_words: bool) -> Self {
        let form = if takes_words && pieces == Pieces::Clauses {
            Form::Words
        } else {
            Form::Pieces(pieces)
        };
        Self {
            form,
            open: String::new(),
            first: true,
        }
    }

    /// Takes in the next characters; returns what can go out, in order.
    pub(crate) fn push(&mut self, text: &str) -> Vec<Piece> {
        self.open.push_str(text);
        let mut pieces = Vec::new();
        while let Some(end) = self.next_end() {
            self.cut(end, true, &mut pieces);
        }
        if self.form == Form::Words {
            // Only whole words: a speaker pronounces what it has.
            if let Some(space) = self.open.rfind(char::is_whitespace) {
                let end = space + self.open[space..].chars().next().map_or(0, char::len_utf8);
                self.cut(end, false, &mut pieces);
            }
        }
        pieces
    }

    /// Returns what is left; a new beginning follows.
    pub(crate) fn finish(&mut self) -> Option<Piece> {
        self.first = true;
        let text = std::mem::take(&mut self.open);
        (!text.trim().is_empty()).then_some(Piece {
            text,
            complete: true,
        })
    }

    fn cut(&mut self, end: usize, complete: bool, pieces: &mut Vec<Piece>) {
        let rest = self.open.split_off(end);
        let text = std::mem::replace(&mut self.open, rest);
        if complete {
            self.first = false;
        }
        if !text.is_empty() {
            pieces.push(Piece { text, complete });
        }
    }

    fn next_end(&self) -> Option<usize> {
        let mut comma = None;
        let mut space = None;
        for (at, character) in self.open.char_indices() {
            let end = at + character.len_utf8();
            let next = self.open[end..].chars().next();
            if ends_sentence(&self.open[..at], character, next) {
                return Some(with_space(&self.open, end));
            }
            if ends_clause(&self.open[..at], character, next) && at >= SHORTEST_CLAUSE {
                if self.first && self.form != Form::Pieces(Pieces::Sentences) {
                    return Some(with_space(&self.open, end));
                }
                comma = Some(with_space(&self.open, end));
            }
            if character.is_whitespace() {
                space = Some(end);
            }
            match (comma, space) {
                (Some(_), _) if end >= LONG => return comma,
                (_, Some(_)) if end >= VERY_LONG => return space,
                _ if end >= ENDLESS => return Some(end),
                _ => {}
            }
        }
        None
    }
}

/// The space after a piece belongs to it, when it is there already.
fn with_space(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    end + (rest.len() - rest.trim_start().len())
}

/// Sees a sentence's end at its full stop, unless what is known so far may go on: `3.` `Dr.` `e.g.`
fn ends_sentence(before: &str, character: char, next: Option<char>) -> bool {
    match character {
        '!' | '?' | '…' | '。' | '！' | '？' => next.is_none_or(|next| !is_closing(next)),
        '\n' => !before.trim().is_empty(),
        '.' => match next {
            Some(next) => next.is_whitespace() && !is_abbreviation(before),
            None => {
                let goes_on = before.ends_with(|last: char| last.is_ascii_digit() || last == '.');
                !goes_on && !is_abbreviation(before)
            }
        },
        closing if is_closing(closing) => {
            before.ends_with(['!', '?', '…', '.']) && next.is_none_or(char::is_whitespace)
        }
        _ => false,
    }
}

/// Sees a clause's end at its comma, unless it may be one within a number: `3,` `000`.
fn ends_clause(before: &str, character: char, next: Option<char>) -> bool {
    match character {
        ',' => next.map_or_else(
            || before.ends_with(char::is_alphabetic),
            char::is_whitespace,
        ),
        ':' => next.is_some_and(char::is_whitespace),
        ';' | '—' | '–' => true,
        _ => false,
    }
}

fn is_closing(character: char) -> bool {
    matches!(character, '"' | '”' | '»' | ')' | '!' | '?' | '.')
}

fn is_abbreviation(before: &str) -> bool {
    let word = before
        .rsplit(|character: char| character.is_whitespace() || character == '(')
        .next()
        .unwrap_or_default();
    let single = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    single || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts a text that comes token by token; `|` stands between the pieces.
    fn cut(pieces: Pieces, tokens: &[&str]) -> String {
        let mut clauses = Clauses::new(pieces, false);
        let mut cut: Vec<String> = Vec::new();
        for token in tokens {
            cut.extend(clauses.push(token).into_iter().map(|piece| piece.text));
        }
        cut.extend(clauses.finish().map(|piece| piece.text));
        cut.join("|")
    }

    #[test]
    fn the_first_piece_is_a_clause_and_the_others_are_sentences() {
        let tokens = [
            "Certainly",
            ",",
            " we are",
            " open.",
            " On Monday",
            ", too.",
            " Bye",
        ];

        assert_eq!(
            cut(Pieces::Clauses, &tokens),
            "Certainly,| we are open.| On Monday, too.| Bye"
        );
        assert_eq!(
            cut(Pieces::Sentences, &tokens),
            "Certainly, we are open.| On Monday, too.| Bye"
        );
    }

    #[test]
    fn a_sentence_is_seen_at_its_full_stop() {
        let mut clauses = Clauses::new(Pieces::Clauses, false);

        let pieces = clauses.push("We are open.");

        assert_eq!(pieces.len(), 1, "without waiting for the next word");
        assert!(pieces[0].complete);
    }

    #[test]
    fn a_first_clause_is_seen_at_its_comma() {
        let mut clauses = Clauses::new(Pieces::Clauses, false);

        let pieces = clauses.push("We open today,");

        assert_eq!(pieces.len(), 1, "without waiting for the next word");
        assert!(pieces[0].complete);
    }

    #[test]
    fn a_comma_within_a_number_ends_nothing() {
        assert_eq!(
            cut(Pieces::Clauses, &["It costs 3", ",", "000 euros"]),
            "It costs 3,000 euros"
        );
    }

    #[test]
    fn what_only_looks_like_an_end_is_none() {
        for text in [
            "It costs 3.50 euros",
            "Ask Dr. Smith",
            "Fruit, e.g. apples",
            "J. Smith is in",
        ] {
            let tokens: Vec<String> = text.chars().map(String::from).collect();
            let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();

            assert_eq!(cut(Pieces::Sentences, &tokens), text);
        }
    }

    #[test]
    fn nothing_is_lost_and_endless_text_is_cut() {
        for unit in ["a", "word ", "one, two "] {
            let text = unit.repeat(1_000);
            let mut clauses = Clauses::new(Pieces::Sentences, false);

            let mut pieces = clauses.push(&text);
            pieces.extend(clauses.finish());

            assert!(pieces.iter().all(|piece| piece.text.len() <= text.len()));
            assert!(pieces.len() > 2, "{unit}");
            assert_eq!(
                pieces
                    .iter()
                    .map(|piece| piece.text.as_str())
                    .collect::<String>(),
                text
            );
        }
    }

    #[test]
    fn a_speaker_that_takes_words_gets_whole_words_at_once() {
        let mut clauses = Clauses::new(Pieces::Clauses, true);

        let mut pieces = clauses.push("We are op");
        pieces.extend(clauses.push("en."));

        let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(texts, ["We are ", "open."]);
    }
}
