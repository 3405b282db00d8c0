//! What is kept of a conversation.

use serde::{Deserialize, Serialize};

use crate::{Blame, Ended, TurnReport};

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// When, in milliseconds since 1970 (UTC).
    pub at_ms: u64,
    /// What.
    pub entry: Entry,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum Entry {
    /// A person said something.
    Person {
        /// Who, as the room names them.
        identity: String,
        /// The name they show, if they show one.
        name: Option<String>,
        /// Their words.
        text: String,
        /// How they said it.
        how: How,
    },
    /// The agent said something, as far as it was heard.
    Agent {
        /// Its words.
        text: String,
        /// Whether it was interrupted after these words.
        interrupted: bool,
    },
    /// The agent called tools.
    Calls {
        /// Which.
        calls: Vec<Called>,
    },
    /// A tool answered.
    Tool {
        /// To which call.
        id: String,
        /// Which tool.
        name: String,
        /// What it answered.
        text: String,
        /// Whether it did what it was asked to.
        ok: bool,
    },
    /// Something that the agent should know and that nobody said.
    Note {
        /// What.
        text: String,
    },
    /// A turn was answered.
    Turn {
        /// How long it took.
        report: TurnReport,
    },
    /// A provider did not deliver.
    Fault {
        /// Who, and what.
        blame: Blame,
    },
    /// The conversation is over for this agent.
    Ended {
        /// Why.
        reason: Ended,
    },
}

/// How somebody said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum How {
    /// Aloud.
    Spoken,
    /// In the chat.
    Typed,
    /// Aloud, while the agent was switched off.
    Overheard,
}

/// A tool call, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Called {
    /// Repeated in the answer.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// The arguments as the thinker wrote them.
    pub arguments: String,
}
