//! Lets Twilio listen and speak, and hands over the words.

use super::{dial::parameter, element::Element};

/// A socket of words.
#[derive(Debug, Clone)]
pub struct ConversationRelay(pub(super) Element);

/// What may interrupt Twilio's speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interruptible {
    /// Nothing.
    Never,
    /// A key.
    ByKeys,
    /// A voice.
    BySpeech,
    /// Both.
    ByAny,
}

impl Interruptible {
    fn as_str(self) -> &'static str {
        match self {
            Self::Never => "none",
            Self::ByKeys => "dtmf",
            Self::BySpeech => "speech",
            Self::ByAny => "any",
        }
    }
}

impl ConversationRelay {
    /// Connects to a `wss` address without a query.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self(Element::new("ConversationRelay").with("url", url))
    }

    /// Says this first.
    #[must_use]
    pub fn greeting(self, text: &str) -> Self {
        Self(self.0.with("welcomeGreeting", text))
    }

    /// What may interrupt the greeting.
    #[must_use]
    pub fn greeting_interruptible(self, by: Interruptible) -> Self {
        Self(self.0.with("welcomeGreetingInterruptible", by.as_str()))
    }

    /// Hears and speaks this language, such as `fr-FR`.
    #[must_use]
    pub fn language(self, tag: &str) -> Self {
        Self(self.0.with("language", tag))
    }

    /// Speaks with this service's voice. Always set it: the usual one is not open to every account.
    #[must_use]
    pub fn voice(self, provider: &str, voice: &str) -> Self {
        Self(self.0.with("ttsProvider", provider).with("voice", voice))
    }

    /// Hears with this service's model.
    #[must_use]
    pub fn transcription(self, provider: &str, model: &str) -> Self {
        Self(
            self.0
                .with("transcriptionProvider", provider)
                .with("speechModel", model),
        )
    }

    /// What may interrupt the agent.
    #[must_use]
    pub fn interruptible(self, by: Interruptible) -> Self {
        Self(self.0.with("interruptible", by.as_str()))
    }

    /// Expects these words, comma-separated.
    #[must_use]
    pub fn hints(self, hints: &str) -> Self {
        Self(self.0.with("hints", hints))
    }

    /// Tells which keys are pressed.
    #[must_use]
    pub fn tells_keys(self) -> Self {
        Self(self.0.with("dtmfDetection", "true"))
    }

    /// Adds a language that can be switched to.
    #[must_use]
    pub fn also(self, language: Language) -> Self {
        Self(self.0.child(language.0))
    }

    /// Hands over a value in the `setup` message.
    #[must_use]
    pub fn parameter(self, name: &str, value: &str) -> Self {
        Self(self.0.child(parameter(name, value)))
    }
}

/// A language of a relay.
#[derive(Debug, Clone)]
pub struct Language(Element);

impl Language {
    /// Names it, such as `es-MX`.
    #[must_use]
    pub fn new(tag: &str) -> Self {
        Self(Element::new("Language").with("code", tag))
    }

    /// Speaks it with this service's voice.
    #[must_use]
    pub fn voice(self, provider: &str, voice: &str) -> Self {
        Self(self.0.with("ttsProvider", provider).with("voice", voice))
    }

    /// Hears it with this service's model.
    #[must_use]
    pub fn transcription(self, provider: &str, model: &str) -> Self {
        Self(
            self.0
                .with("transcriptionProvider", provider)
                .with("speechModel", model),
        )
    }
}
