//! Why a tool did not do it, named after what the thinker does next.

use std::time::Duration;

use crate::BoxError;

/// Why a tool gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ToolError {
    /// The thinker may call again with better arguments. The text is for the thinker and may quote them.
    #[error("the arguments do not fit")]
    Arguments(String),
    /// There is no such tool; the thinker goes on without.
    #[error("there is no such tool")]
    Unknown,
    /// It is not allowed; the thinker says so. The text is for the thinker.
    #[error("the tool refused")]
    Refused(String),
    /// It did not work this time; the thinker says so, or tries again later.
    #[error("the tool failed")]
    Failed {
        /// For the log.
        #[source]
        source: BoxError,
    },
    /// It took too long; whether it happened is not known.
    #[error("the tool took longer than {} ms", waited.as_millis())]
    Late {
        /// How long it was waited for.
        waited: Duration,
    },
}

impl ToolError {
    /// How a thinker is told of [`ToolError::Arguments`]; what does not fit follows.
    pub const MISFIT: &str = "Error: the arguments do not fit";

    /// Wraps what went wrong underneath.
    #[must_use]
    pub fn failed(source: impl Into<BoxError>) -> Self {
        Self::Failed {
            source: source.into(),
        }
    }

    /// Returns a word for metrics and records.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Arguments(_) => "arguments",
            Self::Unknown => "unknown",
            Self::Refused(_) => "refused",
            Self::Failed { .. } => "failed",
            Self::Late { .. } => "late",
        }
    }

    /// Returns what the thinker is told.
    #[must_use]
    pub fn for_thinker(&self) -> String {
        match self {
            Self::Arguments(reason) => {
                format!("{}: {reason}. Correct them and call again.", Self::MISFIT)
            }
            Self::Unknown => "Error: there is no such tool. Go on without it.".to_owned(),
            Self::Refused(reason) => format!("Error: this is not allowed: {reason}"),
            Self::Failed { .. } => {
                "Error: it did not work this time. Say so, and offer something else.".to_owned()
            }
            Self::Late { .. } => {
                "Error: it took too long, and may or may not have happened. Say so.".to_owned()
            }
        }
    }
}
