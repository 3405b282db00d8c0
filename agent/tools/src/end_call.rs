//! Ends the conversation.

use agent_contract::{Effect, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde_json::{Value, json};

/// Lets the thinker end the conversation: the session does, once the goodbye has been heard.
#[derive(Debug)]
pub struct EndCall {
    spec: ToolSpec,
}

impl EndCall {
    /// Returns the tool `end_call`.
    #[must_use]
    pub fn new() -> Self {
        Self {
            spec: ToolSpec {
                name: "end_call".to_owned(),
                description: "Ends the conversation. Use it when the person has said goodbye or wants nothing more, \
                    and say goodbye in the same reply."
                    .to_owned(),
                parameters: json!({ "type": "object", "properties": {}, "additionalProperties": false }),
            },
        }
    }
}

impl Default for EndCall {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Tool for EndCall {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, _: Value, _: ToolContext) -> Result<ToolAnswer, ToolError> {
        let answer = "The conversation ends once this reply has been heard.";
        Ok(ToolAnswer::text(answer).with(Effect::EndCall))
    }
}
