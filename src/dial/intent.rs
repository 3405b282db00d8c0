//! What is kept of a call that somebody wants placed: its id, and how far it has come. Forward only.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

/// The id of a call that is to be placed, made before it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "dial-019376b1c0de0123456789ab")]
pub struct IntentId(String);

impl IntentId {
    /// Makes a new one.
    ///
    /// # Panics
    ///
    /// The operating system has no randomness.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("dial-{text}"))
    }

    /// Takes an id out of a record, or out of an address that came back.
    #[must_use]
    pub fn known(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IntentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the carrier calls a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(transparent)]
pub struct CallSid(String);

impl CallSid {
    /// Takes the id that a carrier gave.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntentState {
    /// The carrier is about to be asked.
    Pending,
    /// The carrier was asked and nobody knows whether it heard.
    Unknown,
    /// The carrier has taken it.
    Placed,
    /// It rings.
    Ringing,
    /// Somebody, or something, has picked up.
    Answered,
    /// It is over.
    Ended,
    /// It was never placed.
    Refused,
}

impl IntentState {
    const ALL: [Self; 7] = [
        Self::Pending,
        Self::Unknown,
        Self::Placed,
        Self::Ringing,
        Self::Answered,
        Self::Ended,
        Self::Refused,
    ];

    /// Returns the state as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Unknown => "unknown",
            Self::Placed => "placed",
            Self::Ringing => "ringing",
            Self::Answered => "answered",
            Self::Ended => "ended",
            Self::Refused => "refused",
        }
    }

    /// Returns the state of that name; what a newer server wrote is unknown.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == name)
            .unwrap_or(Self::Unknown)
    }

    /// Returns its place on the way: a call only goes to a higher one.
    #[must_use]
    pub const fn rank(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Unknown => 1,
            Self::Placed => 2,
            Self::Ringing => 3,
            Self::Answered => 4,
            Self::Ended => 5,
            Self::Refused => 6,
        }
    }
}

/// What became known of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// The carrier has taken it.
    Placed(CallSid),
    /// The carrier does not take it, and there is no such call.
    Refused {
        /// Why, in a word and not in a sentence.
        reason: String,
    },
    /// The carrier did not answer in time.
    Unanswered,
    /// The carrier knows no such call, long after it was asked.
    Lost,
    /// It rings.
    Ringing,
    /// Somebody has picked up.
    Answered,
    /// It is over.
    Ended(Ended),
}

/// Why a placed call is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was answered, and one of both hung up.
    Completed,
    /// The line was busy.
    Busy,
    /// Nobody picked up.
    NoAnswer,
    /// We gave up before somebody did.
    Canceled,
    /// The carrier could not connect it.
    Failed,
}

impl Ended {
    /// Returns the reason as it stands in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
        }
    }
}

impl Progress {
    /// Returns where it leaves the call.
    #[must_use]
    pub const fn state(&self) -> IntentState {
        match self {
            Self::Placed(_) => IntentState::Placed,
            Self::Refused { .. } => IntentState::Refused,
            Self::Unanswered | Self::Lost => IntentState::Unknown,
            Self::Ringing => IntentState::Ringing,
            Self::Answered => IntentState::Answered,
            Self::Ended(_) => IntentState::Ended,
        }
    }

    /// Returns why, where there is something to say.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason } => Some(reason),
            Self::Lost => Some("lost"),
            Self::Ended(reason) => Some(reason.name()),
            Self::Placed(_) | Self::Unanswered | Self::Ringing | Self::Answered => None,
        }
    }

    /// Tells whether the call cannot be under way after it.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Lost | Self::Ended(_))
    }
}
