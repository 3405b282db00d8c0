//! Words and their times from characters and theirs.

use std::time::Duration;

use agent_contract::WordTime;
use serde_json::Value;

/// Characters of one message beyond any sense.
const MOST_CHARACTERS: usize = 20_000;

/// Words in the making.
#[derive(Debug, Default)]
pub(super) struct Words {
    word: Option<WordTime>,
}

impl Words {
    /// Takes the alignment of one piece of sound, which begins at `start` of the reply; returns the words that are
    /// whole, and how many characters there were.
    pub(super) fn handle(&mut self, message: &Value, start: Duration) -> (Vec<WordTime>, u64) {
        // The characters of the text itself, where they are told.
        let alignment = ["alignment", "normalizedAlignment"]
            .iter()
            .map(|name| &message[name])
            .find(|alignment| alignment.is_object());
        let Some(alignment) = alignment else {
            return (Vec::new(), 0);
        };
        let list = |name: &str| alignment[name].as_array().into_iter().flatten();
        let times = list("charStartTimesMs").zip(list("charsDurationsMs"));
        let mut words = Vec::new();
        let mut characters = 0;
        for (text, (from, length)) in list("chars").zip(times).take(MOST_CHARACTERS) {
            let from = start + milliseconds(from);
            characters += 1;
            self.handle_character(
                text.as_str().unwrap_or_default(),
                from,
                from + milliseconds(length),
                &mut words,
            );
        }
        (words, characters)
    }

    /// Returns the last word.
    pub(super) fn rest(&mut self) -> Option<WordTime> {
        self.word.take()
    }

    fn handle_character(
        &mut self,
        character: &str,
        from: Duration,
        to: Duration,
        words: &mut Vec<WordTime>,
    ) {
        if character.trim().is_empty() {
            words.extend(self.word.take());
            return;
        }
        let word = self.word.get_or_insert_with(|| WordTime {
            word: String::new(),
            from,
            to,
        });
        word.word.push_str(character);
        word.to = word.to.max(to);
    }
}

fn milliseconds(value: &Value) -> Duration {
    let milliseconds = value.as_f64().unwrap_or_default().clamp(0.0, 3_600_000.0);
    Duration::from_secs_f64(milliseconds / 1000.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(text: &str) -> Value {
        let characters: Vec<String> = text.chars().map(String::from).collect();
        let starts: Vec<usize> = (0..characters.len()).map(|n| n * 50).collect();
        json!({ "alignment": {
            "chars": characters,
            "charStartTimesMs": starts,
            "charsDurationsMs": vec![50; starts.len()],
        }})
    }

    #[test]
    fn a_word_that_is_cut_in_two_is_one() {
        let mut words = Words::default();

        let (first, _) = words.handle(&message("Good mor"), Duration::ZERO);
        let (second, characters) = words.handle(&message("ning "), Duration::from_millis(400));

        let word = |word: &str, from, to| WordTime {
            word: word.to_owned(),
            from: Duration::from_millis(from),
            to: Duration::from_millis(to),
        };
        assert_eq!(first, [word("Good", 0, 200)]);
        assert_eq!(second, [word("morning", 250, 600)]);
        assert_eq!((characters, words.rest()), (5, None));
    }

    #[test]
    fn rubbish_has_no_words() {
        let mut words = Words::default();

        for rubbish in [
            json!(null),
            json!({ "alignment": 7 }),
            json!({ "alignment": { "chars": [1], "charStartTimesMs": ["x"], "charsDurationsMs": [-1e300] } }),
        ] {
            let (found, _) = words.handle(&rubbish, Duration::ZERO);
            assert!(found.is_empty());
        }
    }
}
