//! What a chain tells about its providers.

use std::{fmt, time::Duration};

use super::Standing;
use crate::{ProviderError, ProviderName};

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Port {
    /// Speech to text.
    Transcriber,
    /// Text to text.
    Thinker,
    /// Text to speech.
    Speaker,
}

impl Port {
    /// Returns the word for metrics and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Transcriber => "transcriber",
            Self::Thinker => "thinker",
            Self::Speaker => "speaker",
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A provider did not deliver, and somebody took over, or nobody could.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Where.
    pub port: Port,
    /// Whose fault it was.
    pub provider: ProviderName,
    /// What, as in [`ProviderError::kind`].
    pub kind: &'static str,
    /// How long it was waited for in vain.
    pub waited: Duration,
    /// Who goes on.
    pub next: Option<ProviderName>,
}

impl Incident {
    pub(super) fn of(
        port: Port,
        error: &ProviderError,
        waited: Duration,
        next: Option<ProviderName>,
    ) -> Self {
        Self {
            port,
            provider: error.provider().clone(),
            kind: error.kind(),
            waited,
            next,
        }
    }
}

/// Something that metrics want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Observation {
    /// A provider did not deliver.
    Incident(Incident),
    /// A provider delivered its first piece.
    First {
        /// Where.
        port: Port,
        /// Who.
        provider: ProviderName,
        /// How long that took.
        waited: Duration,
    },
    /// A provider stands otherwise than before.
    Standing {
        /// Where.
        port: Port,
        /// Who.
        provider: ProviderName,
        /// As it is.
        standing: Standing,
    },
}

/// Is told what happens to all calls. It must not wait.
pub trait Observer: Send + Sync + fmt::Debug {
    /// Takes note.
    fn observe(&self, seen: &Observation);
}
