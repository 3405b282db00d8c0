//! What was said so far, as a thinker is told.

use crate::{CallId, ToolCall};

/// One entry of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A person said or typed something.
    Person {
        /// Who; needed when there are several.
        name: Option<String>,
        /// Their words.
        text: String,
    },
    /// The agent said something (only what was heard of it), called tools, or both.
    Agent {
        /// Its words; may be empty when it only called tools.
        text: String,
        /// The tools it called. An answer to each follows.
        calls: Vec<ToolCall>,
    },
    /// What a tool answered.
    Tool {
        /// To which call.
        call: CallId,
        /// The answer, as JSON or text.
        text: String,
    },
    /// Something the agent should know that nobody said, such as that it was interrupted.
    Note(String),
}

impl Message {
    /// The note that somebody fell in where the agent's words end.
    pub const INTERRUPTED: &str = "You were interrupted here.";
}
