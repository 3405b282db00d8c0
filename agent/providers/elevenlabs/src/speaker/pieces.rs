//! Text as the service wants it: whole words, each with the space after it.

/// What of a word has been written so far.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    word: String,
    /// Whether something was handed over since the last flush.
    is_open: bool,
}

impl Pieces {
    /// Takes the next characters; returns what is whole words by now.
    pub(super) fn handle(&mut self, text: &str) -> Option<String> {
        self.word.push_str(text);
        let end = self.word.rfind(char::is_whitespace)?;
        let after = end + self.word[end..].chars().next().map_or(0, char::len_utf8);
        let rest = self.word.split_off(after);
        let whole = std::mem::replace(&mut self.word, rest);
        // Space alone would end the stream or begin it anew: it waits for its word.
        if whole.trim().is_empty() {
            self.word.insert_str(0, &whole);
            return None;
        }
        self.is_open = true;
        Some(spaced(whole))
    }

    /// Returns what was kept back, as a word.
    pub(super) fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.word);
        if rest.trim().is_empty() {
            return None;
        }
        self.is_open = true;
        Some(spaced(rest))
    }

    /// Whether there is anything to flush; it is flushed once.
    pub(super) fn take_open(&mut self) -> bool {
        std::mem::take(&mut self.is_open)
    }
}

fn spaced(mut text: String) -> String {
    if !text.ends_with(' ') {
        text.push(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(texts: &[&str]) -> Vec<String> {
        let mut pieces = Pieces::default();
        let mut out: Vec<String> = texts
            .iter()
            .filter_map(|text| pieces.handle(text))
            .collect();
        out.extend(pieces.rest());
        out
    }

    #[test]
    fn words_in_pieces_are_sent_whole() {
        assert_eq!(
            pieces(&["Go", "od mor", "ning,", " Ann", "."]),
            ["Good ", "morning, ", "Ann. "]
        );
    }

    #[test]
    fn space_alone_is_not_sent() {
        assert_eq!(pieces(&[" ", "\n", ""]), [""; 0]);
        assert_eq!(pieces(&[" ", "Hi"]), [" Hi "]);
    }

    #[test]
    fn what_was_flushed_is_not_flushed_again() {
        let mut pieces = Pieces::default();

        assert!(!pieces.take_open());
        pieces.handle("Hello ");
        assert!(pieces.take_open());
        assert!(!pieces.take_open());
    }
}
