//! Writes to the chat of the room.

use agent_contract::{Effect, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde_json::{Value, json};

/// Characters of one message: an address or a list of links, not a letter.
const LONGEST: usize = 2_000;

/// Lets the thinker write what is better read than heard: the session sends it to the chat of the room.
#[derive(Debug)]
pub struct SendMessage {
    spec: ToolSpec,
}

impl SendMessage {
    /// Returns the tool `send_message`.
    #[must_use]
    pub fn new() -> Self {
        let parameters = json!({
            "type": "object",
            "properties": {
                "text": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": LONGEST,
                    "description": "The message as the person reads it.",
                },
            },
            "required": ["text"],
            "additionalProperties": false,
        });
        Self {
            spec: ToolSpec {
                name: "send_message".to_owned(),
                description: "Writes a message into the chat of this conversation. Use it for what is better read \
                    than heard: addresses, links, numbers, lists."
                    .to_owned(),
                parameters,
            },
        }
    }
}

impl Default for SendMessage {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Tool for SendMessage {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<ToolAnswer, ToolError> {
        let text = arguments.get("text").and_then(Value::as_str);
        let text = text.unwrap_or_default().trim();
        if text.is_empty() {
            return Err(ToolError::Arguments("`text` is empty".to_owned()));
        }
        Ok(ToolAnswer::text("The message is in the chat.")
            .with(Effect::SendMessage(text.to_owned())))
    }
}
