//! How humans are brought in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::machine::Patience;

/// How humans are brought in: the table `[escalation]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a telephone rings, in ms.
    pub ring_ms: u32,
    /// How long somebody who was asked may think, the briefing included, in ms.
    pub decide_ms: u32,
    /// How long a link may lie before somebody opens it, in ms.
    pub link_ms: u32,
    /// How often whoever waits hears a word, in ms.
    pub word_ms: u32,
    /// What the agent does once a human is there.
    pub agent: Moderation,
    /// Whether contacts who were missed get a message.
    pub tell_missed: bool,
}

/// What the agent does once a human is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moderation {
    /// It leaves, and comes back when the human does.
    Leave,
    /// It stays and says nothing.
    Silent,
    /// It answers when it is addressed, as its profile says.
    #[default]
    Assist,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ring_ms: 25_000,
            decide_ms: 45_000,
            link_ms: 120_000,
            word_ms: 20_000,
            agent: Moderation::default(),
            tell_missed: true,
        }
    }
}

impl Settings {
    /// Returns how long a link may lie.
    pub(super) fn link(&self) -> Duration {
        Duration::from_millis(self.link_ms.into())
    }

    /// Returns how long everything may take.
    pub(super) fn patience(&self) -> Patience {
        Patience {
            ring: Duration::from_millis(self.ring_ms.into()),
            decide: Duration::from_millis(self.decide_ms.into()),
            word: Duration::from_millis(self.word_ms.into()),
        }
    }
}
