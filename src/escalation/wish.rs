//! What somebody wants who asks for a human.

use std::fmt;

use crate::dial::Number;
use crate::random;

/// Who asks when an agent does, as records name it.
pub(crate) const BY_AGENT: &str = "agent";

/// A human is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// A contact by id or name, or something that somebody has to know.
    pub contact: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What was said so far, in short.
    pub summary: Option<String>,
    /// The caller's own telephone, where they want to be called.
    pub caller_number: Option<Number>,
    /// Who asks: the name of an API key, or of a tool.
    pub by: String,
}

/// Tells escalations apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EscalationId(String);

impl EscalationId {
    /// Makes a new one.
    ///
    /// # Panics
    ///
    /// The operating system has no randomness.
    #[must_use]
    pub fn random() -> Self {
        Self(random::id("esc-"))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EscalationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An escalation, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Which.
    pub id: EscalationId,
    /// The name of the contact who is being called, or is there.
    pub contact: Option<String>,
    /// How far it is.
    pub stage: Stage,
}

/// How far an escalation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Somebody is being called.
    Dialling,
    /// Somebody has picked up and is told what it is about.
    Briefing,
    /// Somebody is in the conversation.
    Connected,
    /// Nobody could be had.
    Failed,
    /// It is over.
    Over,
}

impl Stage {
    /// Returns the stage as it stands in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dialling => "dialling",
            Self::Briefing => "briefing",
            Self::Connected => "connected",
            Self::Failed => "failed",
            Self::Over => "over",
        }
    }
}

/// No human can be brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EscalationError {
    /// Nobody is named who could be called: add a `[contacts.<id>]`.
    #[error("this server knows nobody who could be called: add a table [contacts.<id>]")]
    NoContacts,
    /// There is no such session: forget it.
    #[error("there is no such session")]
    Gone,
    /// Too many requests at once: try again.
    #[error("too many requests are waiting")]
    Overloaded,
    /// The server has stopped, or has not begun.
    #[error("the server is not running")]
    Stopped,
}
