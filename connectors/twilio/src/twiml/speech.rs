//! What the caller hears from Twilio itself.

use std::time::Duration;

use super::element::Element;

/// Speaks a text.
#[derive(Debug, Clone)]
pub struct Say(pub(super) Element);

impl Say {
    /// Speaks with the account's usual voice.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Element::new("Say").text(text))
    }

    /// Speaks with another voice, such as `Polly.Amy-Neural`.
    #[must_use]
    pub fn voice(self, voice: &str) -> Self {
        Self(self.0.with("voice", voice))
    }

    /// Speaks another language, such as `fr-FR`.
    #[must_use]
    pub fn language(self, tag: &str) -> Self {
        Self(self.0.with("language", tag))
    }

    /// Says it so many times.
    #[must_use]
    pub fn times(self, times: u16) -> Self {
        Self(self.0.with("loop", times.max(1).to_string()))
    }
}

/// Plays a recording, or the tones of keys.
#[derive(Debug, Clone)]
pub struct Play(pub(super) Element);

impl Play {
    /// Plays what a URL has: MP3, WAV, AIFF, GSM or μ-law.
    #[must_use]
    pub fn url(url: &str) -> Self {
        Self(Element::new("Play").text(url))
    }

    /// Plays the tones of these keys; `w` waits for half a second.
    #[must_use]
    pub fn keys(keys: &str) -> Self {
        Self(Element::new("Play").with("digits", keys))
    }

    /// Plays it so many times; 0 for as long as the call lasts.
    #[must_use]
    pub fn times(self, times: u16) -> Self {
        Self(self.0.with("loop", times.to_string()))
    }
}

/// Is silent for a while.
#[derive(Debug, Clone)]
pub struct Pause(pub(super) Element);

impl Pause {
    /// Waits so long, in whole seconds, one at least.
    #[must_use]
    pub fn of(length: Duration) -> Self {
        Self(Element::new("Pause").with("length", length.as_secs().max(1).to_string()))
    }
}
