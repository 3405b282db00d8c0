//! Tools that a thinker may call.

mod answer;
mod arguments;
mod error;
mod toolbox;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use serde_json::Value;

pub use answer::{Effect, ToolAnswer};
pub use error::ToolError;
pub use toolbox::{ToolOutcome, Toolbox, ToolboxError};

use crate::Language;

/// Long enough for a look into a database or one HTTP request; the caller hears a filler meanwhile.
pub const TOOL_DEADLINE: Duration = Duration::from_secs(8);

/// Characters of an answer that reach the thinker: about a thousand tokens.
pub const ANSWER_LIMIT: usize = 4_000;

/// Something the thinker can use. Its arguments fit its schema before it is called.
#[async_trait]
pub trait Tool: Send + Sync + 'static {
    /// Returns how a thinker sees it.
    fn spec(&self) -> &ToolSpec;

    /// Returns how long it may take; past it the thinker is told that it took too long.
    fn deadline(&self) -> Duration {
        TOOL_DEADLINE
    }

    /// Returns how many characters of its answer reach the thinker.
    fn answer_limit(&self) -> usize {
        ANSWER_LIMIT
    }

    /// Does it. Dropping the call breaks it off.
    ///
    /// # Errors
    /// [`ToolError`] says what the thinker should make of it.
    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError>;
}

/// On whose behalf a tool is called.
#[derive(Debug, Clone)]
pub struct ToolContext {
    /// The call's id; the same call made again has the same one.
    pub call: CallId,
    /// The session's id, for records and for effects that must happen once.
    pub session: Arc<str>,
    /// The language of the conversation.
    pub language: Language,
    /// Who spoke last, where it is known.
    pub speaker: Option<Arc<str>>,
    /// Which answer of this agent it is for. Between a lower number and a higher one somebody has said something.
    pub turn: u64,
}

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
