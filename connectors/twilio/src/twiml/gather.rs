//! Waits for keys or words.

use std::time::Duration;

use super::{Method, Pause, Play, Say, element::Element};

/// Listens to the caller, and asks its action what to do with what came. When nothing comes, the next verb follows.
#[derive(Debug, Clone)]
pub struct Gather(pub(super) Element);

/// What a [`Gather`] listens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Keys.
    Keys,
    /// Words.
    Speech,
    /// Whichever comes first.
    KeysOrSpeech,
}

impl Gather {
    /// Listens, and sends what came to `action`.
    #[must_use]
    pub fn new(action: &str) -> Self {
        Self(Element::new("Gather").with("action", action))
    }

    /// Asks the action in another way.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self(self.0.with("method", method.as_str()))
    }

    /// Listens for something other than keys.
    #[must_use]
    pub fn input(self, input: Input) -> Self {
        let input = match input {
            Input::Keys => "dtmf",
            Input::Speech => "speech",
            Input::KeysOrSpeech => "dtmf speech",
        };
        Self(self.0.with("input", input))
    }

    /// Ends after so many keys.
    #[must_use]
    pub fn keys(self, count: u16) -> Self {
        Self(self.0.with("numDigits", count.max(1).to_string()))
    }

    /// Ends at another key than `#`; at none with `None`.
    #[must_use]
    pub fn finish_on(self, key: Option<char>) -> Self {
        let key = key.map(String::from).unwrap_or_default();
        Self(self.0.with("finishOnKey", key))
    }

    /// Waits so long for the next key, in whole seconds.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self(self.0.with("timeout", timeout.as_secs().max(1).to_string()))
    }

    /// Ends speech by Twilio's own judgement instead of after a fixed silence.
    #[must_use]
    pub fn speech_ends_by_itself(self) -> Self {
        Self(self.0.with("speechTimeout", "auto"))
    }

    /// Expects another language, such as `fr-FR`.
    #[must_use]
    pub fn language(self, tag: &str) -> Self {
        Self(self.0.with("language", tag))
    }

    /// Expects these words, comma-separated.
    #[must_use]
    pub fn hints(self, hints: &str) -> Self {
        Self(self.0.with("hints", hints))
    }

    /// Asks the action even when nothing came.
    #[must_use]
    pub fn act_on_nothing(self) -> Self {
        Self(self.0.with("actionOnEmptyResult", "true"))
    }

    /// Speaks while listening.
    #[must_use]
    pub fn say(self, say: Say) -> Self {
        Self(self.0.child(say.0))
    }

    /// Plays while listening.
    #[must_use]
    pub fn play(self, play: Play) -> Self {
        Self(self.0.child(play.0))
    }

    /// Is silent while listening.
    #[must_use]
    pub fn pause(self, pause: Pause) -> Self {
        Self(self.0.child(pause.0))
    }
}
