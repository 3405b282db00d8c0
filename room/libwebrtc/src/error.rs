//! Errors as `livekit` knows them.

use room_engine::EngineError;

/// Rough kind of an error.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum RtcErrorType {
    /// Something in the engine or the machine.
    Internal,
    /// A session description that cannot be used.
    InvalidSdp,
    /// An operation that does not fit the state.
    InvalidState,
}

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[error("an RtcError occurred: {error_type:?} - {message}")]
pub struct RtcError {
    /// Rough kind.
    pub error_type: RtcErrorType,
    /// What happened, in words.
    pub message: String,
}

impl From<EngineError> for RtcError {
    fn from(error: EngineError) -> Self {
        let error_type = match &error {
            EngineError::InvalidState { .. } | EngineError::Closed => RtcErrorType::InvalidState,
            EngineError::InvalidDescription { .. } => RtcErrorType::InvalidSdp,
            _ => RtcErrorType::Internal,
        };
        Self {
            error_type,
            message: error.to_string(),
        }
    }
}
