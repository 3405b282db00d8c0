//! The text of a reply that is not known to be spoken. Pure. Places are characters since the reply began.

/// More unspoken text than this waits at the door: several minutes.
const LONGEST: usize = 16 * 1024;

#[derive(Debug, Default)]
pub(super) struct Script {
    /// What is not known to be spoken.
    rest: String,
    /// Where that begins.
    begins: usize,
    /// Until where it is to be spoken without waiting for more.
    due: usize,
    pub(super) is_finished: bool,
}

impl Script {
    pub(super) fn push(&mut self, text: &str) {
        self.rest.push_str(text);
    }

    pub(super) fn flush(&mut self) {
        self.due = self.end();
    }

    pub(super) fn finish(&mut self) {
        self.flush();
        self.is_finished = true;
    }

    pub(super) fn rest(&self) -> &str {
        &self.rest
    }

    pub(super) fn begins(&self) -> usize {
        self.begins
    }

    pub(super) fn end(&self) -> usize {
        self.begins + self.rest.chars().count()
    }

    pub(super) fn is_full(&self) -> bool {
        self.rest.len() >= LONGEST
    }

    /// Returns whether something should be spoken at present.
    pub(super) fn is_due(&self) -> bool {
        let due = self.due.saturating_sub(self.begins);
        self.rest.chars().take(due).any(char::is_alphanumeric)
    }

    /// Returns how many characters should be spoken at present.
    pub(super) fn due(&self) -> usize {
        self.due.saturating_sub(self.begins)
    }

    /// Takes note of how far the speech has come; it never goes back.
    pub(super) fn spoken_until(&mut self, place: usize) {
        let more = place.saturating_sub(self.begins);
        let at = self.rest.char_indices().nth(more).map(|(at, _)| at);
        let spoken = at.unwrap_or(self.rest.len());
        self.begins += self.rest[..spoken].chars().count();
        self.rest.drain(..spoken);
    }

    /// Returns the beginning of the word that stands at a place, not before what is known to be spoken.
    pub(super) fn word_at(&self, place: usize) -> usize {
        let until = place.saturating_sub(self.begins);
        let before: Vec<char> = self.rest.chars().take(until).collect();
        let space = before.iter().rposition(|c| c.is_whitespace());
        self.begins + space.map_or(0, |at| at + 1)
    }

    /// Returns where a word ends that stands at or after a place.
    pub(super) fn end_of(&self, word: &str, from: usize) -> Option<usize> {
        let skipped = from.saturating_sub(self.begins);
        let (at, _) = self.rest.char_indices().nth(skipped)?;
        let tail = &self.rest[at..];
        let found = tail.find(word)?;
        let (before, length) = (tail[..found].chars().count(), word.chars().count());
        Some(self.begins + skipped + before + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_spoken_is_forgotten_and_the_rest_kept() {
        let mut script = Script::default();
        script.push("Où est Zoé ? ");
        script.flush();
        script.push("Là.");

        script.spoken_until(7);
        assert_eq!((script.rest(), script.begins()), ("Zoé ? Là.", 7));
        assert!(script.is_due());

        script.spoken_until(10);
        assert!(!script.is_due(), "a question mark alone is not spoken");
        script.finish();
        assert!(script.is_due());
        script.spoken_until(99);
        assert_eq!((script.rest(), script.begins()), ("", 16));
    }

    #[test]
    fn words_are_found_in_order() {
        let mut script = Script::default();
        script.push("the cat and the dog");
        script.spoken_until(3);

        assert_eq!(script.end_of("the", 4), Some(15));
        assert_eq!(script.end_of("bird", 4), None);
        assert_eq!(script.word_at(14), 12);
        assert_eq!(script.word_at(3), 3);
    }
}
