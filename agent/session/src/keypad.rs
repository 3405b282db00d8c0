//! Keys that somebody presses: some ask for something at once, the others are a number. Pure.

use std::{
    mem::take,
    time::{Duration, Instant},
};

use crate::{KeyAction, telephone::Keys};

/// Longer than between two keys of a number, shorter than feels slow.
const PAUSE: Duration = Duration::from_millis(1_500);

/// The longest number; further keys are not taken.
const MOST_KEYS: usize = 32;

/// The keys of one person.
#[derive(Debug)]
pub(crate) struct Keypad {
    keys: Keys,
    pressed: String,
    until: Option<Instant>,
}

/// What was meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meant {
    /// A key that asks for something.
    Action(KeyAction),
    /// A number, of one key or more.
    Number(String),
}

impl Keypad {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            pressed: String::new(),
            until: None,
        }
    }

    /// Takes a key; `#` ends a number.
    pub(crate) fn handle(&mut self, now: Instant, key: char) -> Option<Meant> {
        if key == '#' && !self.pressed.is_empty() {
            return self.finish();
        }
        if self.pressed.is_empty()
            && let Some(action) = self.keys.get(&key)
        {
            return Some(match action {
                KeyAction::Digit => Meant::Number(key.to_string()),
                KeyAction::Human | KeyAction::Repeat | KeyAction::End => Meant::Action(*action),
            });
        }
        if self.pressed.len() < MOST_KEYS {
            self.pressed.push(key);
        }
        self.until = Some(now + PAUSE);
        None
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) wants to be called.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Returns what was meant, once enough time has passed without another key.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<Meant> {
        self.until.filter(|until| *until <= now)?;
        self.finish()
    }

    fn finish(&mut self) -> Option<Meant> {
        self.until = None;
        let pressed = take(&mut self.pressed);
        (!pressed.is_empty()).then_some(Meant::Number(pressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telephone::usual_keys;

    #[test]
    fn a_key_that_asks_for_something_does_so_at_once() {
        let (mut keypad, now) = (Keypad::new(usual_keys()), Instant::now());

        let meant = keypad.handle(now, '0');

        assert_eq!(meant, Some(Meant::Action(KeyAction::Human)));
        assert_eq!(keypad.deadline(), None);
    }

    #[test]
    fn a_key_that_answers_a_question_is_a_number_at_once() {
        let keys = Keys::from([('1', KeyAction::Digit)]);
        let (mut keypad, now) = (Keypad::new(keys), Instant::now());

        assert_eq!(keypad.handle(now, '1'), Some(Meant::Number("1".to_owned())));
        assert_eq!(keypad.handle(now, '2'), None);
    }

    #[test]
    fn several_keys_are_a_number_that_a_hash_ends() {
        let (mut keypad, now) = (Keypad::new(usual_keys()), Instant::now());

        for key in "4190".chars() {
            assert_eq!(keypad.handle(now, key), None);
        }

        assert_eq!(
            keypad.handle(now, '#'),
            Some(Meant::Number("4190".to_owned()))
        );
    }

    #[test]
    fn a_key_without_a_meaning_is_a_number() {
        let (mut keypad, now) = (Keypad::new(usual_keys()), Instant::now());

        keypad.handle(now, '5');

        assert_eq!(keypad.handle_timeout(now), None);
        let meant = keypad.handle_timeout(now + PAUSE);
        assert_eq!(meant, Some(Meant::Number("5".to_owned())));
    }

    #[test]
    fn a_number_has_an_end() {
        let (mut keypad, now) = (Keypad::new(usual_keys()), Instant::now());

        for _ in 0..1_000 {
            keypad.handle(now, '7');
        }

        let Some(Meant::Number(number)) = keypad.handle_timeout(now + PAUSE) else {
            panic!("it is a number");
        };
        assert_eq!(number.len(), MOST_KEYS);
    }
}
