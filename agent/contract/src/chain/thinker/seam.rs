//! Where one thinker's words end and the next one's begin. Pure.

/// Takes the next thinker's text and leaves out what was said already: language models begin anew, repeat the last few
/// words, finish the word that was cut, or go on as they should.
///
/// Text is held back only while it repeats what was said.
#[derive(Debug)]
pub(super) struct Seam {
    said: String,
    held: String,
    is_open: bool,
}

impl Seam {
    pub(super) fn after(said: &str) -> Self {
        Self {
            said: said.to_owned(),
            held: String::new(),
            is_open: !said.trim().is_empty(),
        }
    }

    /// Takes the next piece, and returns what is new.
    pub(super) fn push(&mut self, piece: &str) -> String {
        if !self.is_open {
            return piece.to_owned();
        }
        self.held.push_str(piece);
        let held = self.held.trim_start();
        let said = self.said.trim_end();
        if held.is_empty() {
            return String::new();
        }
        let mut repeated = 0;
        for start in repeatable(said) {
            let tail = &said[start..];
            if tail.len() >= held.len() && same_beginning(tail, held) {
                // It may become a repetition, or the rest of a word.
                return String::new();
            }
            if same_beginning(held, tail) && is_repetition(tail, start, said, held) {
                repeated = repeated.max(tail.len());
            }
        }
        self.close(repeated)
    }

    /// Returns what was held back when nothing more comes.
    pub(super) fn finish(&mut self) -> String {
        if !self.is_open {
            return String::new();
        }
        let held = self.held.trim().to_owned();
        let is_all = self.said.trim().eq_ignore_ascii_case(&held);
        let is_phrase = held.split_whitespace().count() > 1;
        let said_so_before = is_all || is_phrase && self.said.contains(&held);
        let repeated = if said_so_before { held.len() } else { 0 };
        self.close(repeated)
    }

    fn close(&mut self, repeated: usize) -> String {
        self.is_open = false;
        let held = std::mem::take(&mut self.held);
        let new = &held.trim_start()[repeated..];
        if repeated > 0 {
            let already_spaced = self.said.ends_with(char::is_whitespace);
            return if already_spaced {
                new.trim_start()
            } else {
                new
            }
            .to_owned();
        }
        let joins = self.said.ends_with(char::is_whitespace)
            || held.starts_with(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
        if joins { held } else { format!(" {held}") }
    }
}

/// Returns the places in what was said from which somebody may repeat: the beginnings of words.
fn repeatable(said: &str) -> impl Iterator<Item = usize> {
    let mut before = ' ';
    said.char_indices().filter_map(move |(at, c)| {
        let begins = before.is_whitespace() && !c.is_whitespace();
        before = c;
        begins.then_some(at)
    })
}

/// Tells a repetition from the same word by chance: it has two words, or is all that was said, or finishes a word.
fn is_repetition(tail: &str, start: usize, said: &str, held: &str) -> bool {
    let finishes_a_word = said.ends_with(char::is_alphanumeric)
        && held[tail.len()..].starts_with(char::is_alphanumeric);
    start == 0 || finishes_a_word || tail.split_whitespace().count() > 1
}

/// Returns whether `long` begins with `short`; an ASCII capital does not matter.
fn same_beginning(long: &str, short: &str) -> bool {
    long.get(..short.len())
        .is_some_and(|beginning| beginning.eq_ignore_ascii_case(short))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_go_on_reads_as_one() {
        let cases = [
            ("We are open", " from nine to five.", " from nine to five."),
            ("We are open", "from nine to five.", " from nine to five."),
            ("We are open ", "from nine.", "from nine."),
            ("We are open", "We are open from nine.", " from nine."),
            ("We are open", "we are open, from nine.", ", from nine."),
            ("We are open from", "open from nine.", " nine."),
            ("Good mor", "morning, Ann.", "ning, Ann."),
            ("Good mor", "Good morning, Ann.", "ning, Ann."),
            ("It is very", "very good.", " very good."),
            ("Yes", ".", "."),
            ("Nous sommes là, bien sû", "sûr.", "r."),
        ];
        for (said, next, wanted) in cases {
            let mut seam = Seam::after(said);

            let mut new: String = next.chars().map(|c| seam.push(&c.to_string())).collect();
            new.push_str(&seam.finish());

            assert_eq!(new, wanted, "{said:?} + {next:?}");
        }
    }

    #[test]
    fn new_words_are_not_held_back() {
        let mut seam = Seam::after("We are open");

        assert_eq!(seam.push(" from"), " from");
        assert_eq!(seam.push(" nine"), " nine");
    }

    proptest! {
        #[test]
        fn one_who_begins_anew_loses_and_doubles_nothing(
            words in prop::collection::vec("[a-z]{1,6}", 1..12),
            cut in 0_usize..12,
        ) {
            let whole = words.join(" ");
            let said = words[..cut.min(words.len())].join(" ");
            let mut seam = Seam::after(&said);

            let mut new = String::new();
            for word in whole.split_inclusive(' ') {
                new.push_str(&seam.push(word));
            }
            new.push_str(&seam.finish());

            prop_assert_eq!(format!("{said}{new}"), whole);
        }
    }
}
