//! Errors of the engine, named after what the caller does next.

use crate::net::NetworkError;

/// Why a connection refused or failed an operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The operation does not fit the state the connection is in: a late answer, an offer that is
    /// not the latest one. Nothing was changed.
    #[error("not possible in this state: {reason}")]
    InvalidState {
        /// What does not fit.
        reason: &'static str,
    },
    /// The peer's description cannot be used. Nothing was changed unless the text says so.
    #[error("unusable session description: {reason}")]
    InvalidDescription {
        /// What is wrong with it.
        reason: String,
    },
    /// No socket could be opened.
    #[error("network is not usable")]
    Network(#[from] NetworkError),
    /// The threads of the engine could not be started.
    #[error("threads of the engine could not be started")]
    Threads(#[from] std::io::Error),
    /// The connection is closed. Open a new one.
    #[error("connection is closed")]
    Closed,
    /// The connection did not answer in time: the machine is overloaded.
    #[error("connection did not answer in time")]
    TimedOut,
}

impl EngineError {
    pub(crate) fn state(reason: &'static str) -> Self {
        Self::InvalidState { reason }
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "it maps errors, which come by value"
    )]
    pub(crate) fn description(reason: impl ToString) -> Self {
        Self::InvalidDescription {
            reason: reason.to_string(),
        }
    }
}
