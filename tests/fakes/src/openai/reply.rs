//! What the server is to answer.

use serde_json::Value;

/// A scripted answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// The model says this.
    Says(String),
    /// The model says something, or nothing, and calls tools: name and arguments of each.
    Calls(String, Vec<(String, Value)>),
    /// The model says this and is cut off by its limit.
    CutShort(String),
    /// The model is stopped by the content filter after this.
    Filtered(String),
    /// The transcription of the next recording.
    Hears(String),
}

impl Reply {
    /// Whether it is for a chat completion.
    pub(super) fn is_chat(&self) -> bool {
        !matches!(self, Self::Hears(_))
    }
}
