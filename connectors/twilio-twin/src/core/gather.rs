//! `<Gather>`: plays prompts and waits for keys or words.

use std::time::Duration;

use super::{Method, performance::Performance};
use crate::twiml::Element;

/// What a `<Gather>` waits for, and what it got so far.
#[derive(Debug)]
pub(crate) struct Gathering {
    pub(crate) prompts: Performance,
    pub(crate) action: Option<String>,
    pub(crate) method: Method,
    takes_keys: bool,
    takes_speech: bool,
    finish: Option<char>,
    most: usize,
    patience: Duration,
    also_empty: bool,
    barge_in: bool,
    digits: String,
    /// When waiting ends; nothing while the prompts sound.
    deadline: Option<Duration>,
}

/// How a `<Gather>` ends.
#[derive(Debug, PartialEq)]
pub(crate) enum Gathered {
    Keys {
        digits: String,
        finished_on: Option<char>,
    },
    Speech(String),
    Nothing,
}

impl Gathering {
    pub(crate) fn new(verb: &Element, prompts: Performance) -> Self {
        let input = verb.attribute("input").unwrap_or("dtmf");
        let takes = |word: &str| input.split_whitespace().any(|given| given == word);
        let finish = verb.attribute("finishOnKey").unwrap_or("#").chars().next();
        let most = verb.number("numDigits").unwrap_or(f64::from(u16::MAX));
        Self {
            prompts,
            action: verb.filled("action").map(str::to_owned),
            method: Method::read(verb.attribute("method")),
            takes_keys: takes("dtmf"),
            takes_speech: takes("speech"),
            finish,
            most: (most as usize).max(1),
            patience: Duration::from_secs_f64(verb.number("timeout").unwrap_or(5.0).min(3_600.0)),
            also_empty: verb.flag("actionOnEmptyResult", false),
            barge_in: verb.flag("bargeIn", true),
            digits: String::new(),
            deadline: None,
        }
    }

    pub(crate) fn handle_key(&mut self, key: char, now: Duration) -> Option<Gathered> {
        if !self.takes_keys || (!self.barge_in && self.deadline.is_none()) {
            return None;
        }
        self.prompts.stop();
        self.deadline = Some(now + self.patience);
        if self.finish == Some(key) {
            let is_empty = self.digits.is_empty() && !self.also_empty;
            return Some(if is_empty {
                Gathered::Nothing
            } else {
                self.keys(Some(key))
            });
        }
        self.digits.push(key);
        (self.digits.len() >= self.most).then(|| self.keys(None))
    }

    pub(crate) fn handle_words(&mut self, words: &str) -> Option<Gathered> {
        if !self.takes_speech || (!self.barge_in && self.deadline.is_none()) {
            return None;
        }
        Some(Gathered::Speech(words.to_owned()))
    }

    /// The prompts are over: from here on silence counts.
    pub(crate) fn handle_silence(&mut self, now: Duration) -> Option<Gathered> {
        let deadline = *self.deadline.get_or_insert(now + self.patience);
        if now < deadline {
            return None;
        }
        let is_nothing = self.digits.is_empty() && !self.also_empty;
        Some(if is_nothing {
            Gathered::Nothing
        } else {
            self.keys(None)
        })
    }

    fn keys(&mut self, finished_on: Option<char>) -> Gathered {
        Gathered::Keys {
            digits: std::mem::take(&mut self.digits),
            finished_on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twiml;

    const SECOND: Duration = Duration::from_secs(1);

    fn gathering(attributes: &str) -> Gathering {
        let document = format!("<Response><Gather {attributes}/></Response>");
        let verb = twiml::parse(&document).unwrap().remove(0);
        Gathering::new(&verb, Performance::default())
    }

    fn keys(digits: &str, finished_on: Option<char>) -> Gathered {
        Gathered::Keys {
            digits: digits.into(),
            finished_on,
        }
    }

    #[test]
    fn the_wanted_number_of_keys_ends_it() {
        let mut gathering = gathering(r#"numDigits="2""#);

        assert_eq!(gathering.handle_key('4', SECOND), None);
        assert_eq!(gathering.handle_key('2', SECOND), Some(keys("42", None)));
    }

    #[test]
    fn the_finishing_key_ends_it_and_is_not_among_the_digits() {
        let mut gathering = gathering("");
        gathering.handle_key('7', SECOND);

        assert_eq!(
            gathering.handle_key('#', SECOND),
            Some(keys("7", Some('#')))
        );
    }

    #[test]
    fn silence_ends_it_five_seconds_after_the_last_key() {
        let mut gathering = gathering("");
        gathering.handle_key('7', SECOND);

        assert_eq!(gathering.handle_silence(5 * SECOND), None);
        assert_eq!(gathering.handle_silence(6 * SECOND), Some(keys("7", None)));
    }

    #[test]
    fn silence_without_a_key_goes_on_unless_empty_results_are_wanted() {
        let mut quiet = gathering(r#"timeout="1""#);
        let mut wanted = gathering(r#"timeout="1" actionOnEmptyResult="true""#);
        quiet.handle_silence(SECOND);
        wanted.handle_silence(SECOND);

        assert_eq!(quiet.handle_silence(2 * SECOND), Some(Gathered::Nothing));
        assert_eq!(wanted.handle_silence(2 * SECOND), Some(keys("", None)));
    }

    #[test]
    fn words_count_only_where_speech_is_wanted() {
        assert_eq!(gathering("").handle_words("yes"), None);
        assert_eq!(
            gathering(r#"input="dtmf speech""#).handle_words("yes"),
            Some(Gathered::Speech("yes".into()))
        );
    }
}
