//! Tools that a thinker may call.

use serde_json::Value;

/// The id of one call, given by the thinker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CallId(pub String);

/// A tool as a thinker sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Letters, digits and `_`, at most 64.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// The arguments as a JSON Schema object.
    pub parameters: Value,
}

/// A thinker's wish to use a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Repeated in the answer.
    pub id: CallId,
    /// Which tool; may be one that does not exist.
    pub name: String,
    /// The arguments as the thinker wrote them; they may be no JSON, or not fit the schema.
    pub arguments: String,
}
