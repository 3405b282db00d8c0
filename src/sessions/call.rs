//! What records call a session.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

/// The id of a call in the records. Unlike a session's id it is never used again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "call-019376b1c0de0123456789abcdef")]
pub struct CallId(String);

impl CallId {
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
        Self(format!("call-{text}"))
    }

    /// Takes an id out of a record.
    #[must_use]
    pub fn from_store(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
