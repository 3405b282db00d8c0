//! How long a turn took, and where the time went.

use agent_contract::{ProviderError, chain::Incident};
use serde::{Deserialize, Serialize};

use crate::Port;

/// The latency of one turn. The parts add up to the total.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnReport {
    /// Which turn.
    pub turn: u64,
    /// From the end of the speaker's voice (or from what was typed) to the agent's first sound.
    pub total_ms: u64,
    /// Of it: waiting whether the speaker goes on.
    pub endpointing_ms: u64,
    /// Of it: from the end of the voice to the words.
    pub transcription_ms: u64,
    /// Of it: from the end of the turn to the thinker's first token.
    pub first_token_ms: u64,
    /// Of it: from the first piece of text to its first sound.
    pub first_speech_ms: u64,
    /// Of it: from the first sound to its way out.
    pub transport_ms: u64,
    /// Of it: all else, such as the thinker writing the first piece.
    pub rest_ms: u64,
    /// Whether the reply was begun before the turn was over.
    pub prepared: bool,
    /// The tools that were used.
    pub tools: u32,
    /// Who did not deliver.
    pub blame: Vec<Blame>,
}

/// A provider that did not deliver in a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Blame {
    /// At which port.
    pub port: Port,
    /// Who.
    pub provider: String,
    /// What, as in [`ProviderError::kind`](agent_contract::ProviderError::kind).
    pub kind: String,
}

impl Blame {
    pub(crate) fn of(port: Port, error: &ProviderError) -> Self {
        Self {
            port,
            provider: error.provider().to_string(),
            kind: error.kind().to_owned(),
        }
    }

    /// Returns who was replaced; `None` when there was nobody to take over, which is an error of its own.
    pub(crate) fn of_replaced(incident: &Incident) -> Option<Self> {
        incident.next.as_ref()?;
        Some(Self {
            port: incident.port.into(),
            provider: incident.provider.to_string(),
            kind: incident.kind.to_owned(),
        })
    }
}
