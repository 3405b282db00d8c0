//! Why a number that a thinker gave is not called, or not yet, and what the thinker is told then.

use agent_contract::{ToolAnswer, ToolError};

/// A number is not called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDialled {
    /// It is none: ask for it again. The text says how to write it.
    #[error("the number is none")]
    Unreadable(String),
    /// Nobody may call it from here: say so.
    #[error("the number may not be called")]
    Forbidden,
    /// Nobody has confirmed it: read it back and ask again.
    #[error("the number was not confirmed")]
    Unconfirmed {
        /// The number in digits, as it is read out.
        digits: String,
    },
}

impl NotDialled {
    /// Returns what the thinker is told.
    ///
    /// # Errors
    ///
    /// The number cannot be called at all.
    pub fn for_thinker(self) -> Result<ToolAnswer, ToolError> {
        match self {
            Self::Unreadable(how) => Err(ToolError::Arguments(how)),
            Self::Forbidden => Err(ToolError::Refused(
                "this number cannot be called from here. Say so, and offer to stay in this conversation instead"
                    .to_owned(),
            )),
            Self::Unconfirmed { digits } => Ok(ToolAnswer::text(format!(
                "Nobody is being called yet. Read this number back digit by digit and ask whether it is right: \
                 {digits}. Call this again with the same number once they have said yes; with another number if \
                 they correct it."
            ))),
        }
    }
}
