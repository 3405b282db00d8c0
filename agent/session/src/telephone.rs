//! What somebody on a telephone shows and sends, besides their voice. Pure.

use std::{collections::BTreeMap, time::Duration};

use room_contract::{
    Attributes,
    telephone::{CALL_STATUS, DELAY_MS, LONGEST_DELAY_MS, is_being_called},
};
use serde::Deserialize;

/// No telephone is later than this; a larger number is nonsense.
const LONGEST_DELAY: Duration = Duration::from_millis(LONGEST_DELAY_MS);

/// What the attributes of a participant say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Telephone {
    attributes: Attributes,
}

impl Telephone {
    pub(crate) fn new(attributes: Attributes) -> Self {
        Self { attributes }
    }

    /// Takes in what has changed.
    pub(crate) fn change(&mut self, changed: Attributes) {
        self.attributes.extend(changed);
    }

    /// Returns whether it is one.
    pub(crate) fn is_one(&self) -> bool {
        self.attributes.contains_key(CALL_STATUS)
    }

    /// Returns whether nobody has picked up yet.
    pub(crate) fn is_waiting(&self) -> bool {
        is_being_called(&self.attributes)
    }

    /// Returns how long after its time sound is heard there.
    pub(crate) fn delay(&self) -> Duration {
        let ms = self.attributes.get(DELAY_MS).and_then(|ms| ms.parse().ok());
        ms.map_or(Duration::ZERO, Duration::from_millis)
            .min(LONGEST_DELAY)
    }
}

/// A key that was pressed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Pressed {
    pub(crate) digit: char,
    /// The circle that whoever pressed it was in; none is the main one.
    #[serde(default)]
    pub(crate) circle: Option<String>,
}

impl Pressed {
    /// Reads which key was pressed.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        let pressed: Self = serde_json::from_slice(payload).ok()?;
        matches!(pressed.digit, '0'..='9' | '*' | '#' | 'A'..='D').then_some(pressed)
    }
}

/// What keys mean, by their names.
pub type Keys = BTreeMap<char, KeyAction>;

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAction {
    /// The caller wants a human.
    Human,
    /// The caller did not understand.
    Repeat,
    /// The caller wants to end the call.
    End,
    /// The caller answers a question: the key goes to the thinker at once, without waiting for another.
    Digit,
}

/// Returns what keys mean where nobody says otherwise.
pub(crate) fn usual_keys() -> Keys {
    Keys::from([
        ('0', KeyAction::Human),
        ('1', KeyAction::Repeat),
        ('9', KeyAction::End),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn telephone(pairs: &[(&str, &str)]) -> Telephone {
        let pairs = pairs.iter();
        Telephone::new(
            pairs
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn who_is_still_being_called_is_not_there() {
        let mut caller = telephone(&[("sip.callStatus", "ringing")]);
        assert!(caller.is_one() && caller.is_waiting());

        caller.change(Attributes::from([(
            "sip.callStatus".to_owned(),
            "active".to_owned(),
        )]));

        assert!(caller.is_one() && !caller.is_waiting());
        assert!(!telephone(&[]).is_one() && !telephone(&[]).is_waiting());
    }

    #[test]
    fn a_delay_is_a_number_within_reason() {
        let delay = |ms| telephone(&[("patchbay.playoutMs", ms)]).delay();

        assert_eq!(delay("120"), Duration::from_millis(120));
        assert_eq!(delay("late"), Duration::ZERO);
        assert_eq!(delay("999999999"), LONGEST_DELAY);
    }

    #[test]
    fn only_keys_are_keys() {
        let pressed = |circle: Option<&str>| {
            let circle = circle.map(str::to_owned);
            Some(Pressed { digit: '#', circle })
        };
        assert_eq!(Pressed::read(br##"{"digit":"#"}"##), pressed(None));
        let aside = br##"{"circle":"aside","digit":"#"}"##;
        assert_eq!(Pressed::read(aside), pressed(Some("aside")));
        for other in [&br#"{"digit":"x"}"#[..], b"{}", b"1", b"\xff"] {
            assert_eq!(Pressed::read(other), None);
        }
    }
}
