//! What happens in a conversation, for those who watch it.

use agent_contract::chain;
use serde::{Deserialize, Serialize};

use crate::{Ended, TurnReport};

/// Something that happened. What was said is in it, so it is for the people of the conversation and its owner only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[non_exhaustive]
pub enum Event {
    /// The agent does something else now.
    State {
        /// What.
        state: AgentState,
    },
    /// Somebody says something, or has said it.
    Transcript {
        /// The same for all versions of one stretch.
        segment: String,
        /// Whose words, as the room names them.
        identity: String,
        /// The words so far.
        text: String,
        /// Whether they stay as they are.
        last: bool,
    },
    /// A turn was answered.
    Turn {
        /// How long it took.
        report: TurnReport,
    },
    /// A tool was used.
    Tool {
        /// Which.
        name: String,
        /// Whether it did what it was asked to.
        ok: bool,
        /// How long it took.
        took_ms: u64,
    },
    /// A provider did not deliver.
    Fault {
        /// At which port.
        port: Port,
        /// Who.
        provider: String,
        /// What, as in [`ProviderError::kind`](agent_contract::ProviderError::kind).
        kind: String,
    },
    /// It is over. Always the last event.
    Ended {
        /// Why.
        reason: Ended,
    },
}

/// What the agent does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgentState {
    /// It is coming in.
    Initializing,
    /// It is switched off.
    Idle,
    /// It waits and listens.
    Listening,
    /// It prepares an answer.
    Thinking,
    /// It speaks.
    Speaking,
}

impl AgentState {
    /// Returns the word that LiveKit's clients know.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Idle => "idle",
            Self::Listening => "listening",
            Self::Thinking => "thinking",
            Self::Speaking => "speaking",
        }
    }
}

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Port {
    /// Speech to text.
    Transcriber,
    /// Text to text.
    Thinker,
    /// Text to speech.
    Speaker,
}

impl From<chain::Port> for Port {
    fn from(port: chain::Port) -> Self {
        match port {
            chain::Port::Transcriber => Self::Transcriber,
            chain::Port::Thinker => Self::Thinker,
            chain::Port::Speaker => Self::Speaker,
        }
    }
}
