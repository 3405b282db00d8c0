//! Takes a message for a human who cannot be had.

use std::sync::Arc;

use agent_contract::{BoxError, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::arguments::{given, text};

/// Characters of one message: it is read on a telephone.
const LONGEST: usize = 600;

/// Whoever brings messages to humans.
#[async_trait]
pub trait MessageDesk: Send + Sync + 'static {
    /// Sends a human what somebody in the asker's conversation wants them to know; returns what they are called.
    ///
    /// # Errors
    ///
    /// [`NotLeft`] says what the thinker should make of it.
    async fn leave(&self, asker: &ToolContext, message: LeftMessage) -> Result<String, NotLeft>;
}

/// A message to a human.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftMessage {
    /// What they should know, in the person's own words.
    pub text: String,
    /// What the person is called.
    pub name: Option<String>,
    /// For whom: a person by name, or something that somebody has to know.
    pub contact: Option<String>,
}

/// The message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotLeft {
    /// Nobody gets messages: offer something else.
    #[error("nobody gets messages")]
    Nobody,
    /// This conversation has left too many.
    #[error("too many messages")]
    TooMany,
    /// It did not work this time.
    #[error("it did not work")]
    Failed(#[source] BoxError),
}

/// Lets the thinker take a message: `leave_message`.
pub struct LeaveMessage {
    spec: ToolSpec,
    desk: Arc<dyn MessageDesk>,
}

impl LeaveMessage {
    /// What profiles call it.
    pub const NAME: &str = "leave_message";

    /// Makes the tool.
    #[must_use]
    pub fn new(desk: Arc<dyn MessageDesk>) -> Self {
        let message = json!({
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST,
            "description": "What the human should know, in the person's own words as far as possible, with how they \
                can be reached if they said so.",
        });
        let properties = json!({
            "text": message,
            "name": text("What the person is called, if they said so."),
            "contact": text("For whom, by name, or what they have to know about. Leave it out for anybody."),
        });
        let spec = ToolSpec {
            name: Self::NAME.to_owned(),
            description: "Sends a human a message of the person's. Use it when nobody can be had, or when they would \
                rather leave a message. Read it back first, in short."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": properties,
                "required": ["text"],
                "additionalProperties": false,
            }),
        };
        Self { spec, desk }
    }
}

#[async_trait]
impl Tool for LeaveMessage {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let given = |name| given(&arguments, name);
        let text =
            given("text").ok_or_else(|| ToolError::Arguments("`text` is empty".to_owned()))?;
        if text.chars().count() > LONGEST {
            let wanted = format!("`text` is longer than {LONGEST} characters");
            return Err(ToolError::Arguments(wanted));
        }
        let message = LeftMessage {
            text,
            name: given("name"),
            contact: given("contact"),
        };
        match self.desk.leave(&context, message).await {
            Ok(name) => Ok(ToolAnswer::text(format!(
                "It was sent: {}",
                json!({ "contact": name })
            ))),
            Err(NotLeft::Nobody) => Err(ToolError::Refused(
                "nobody gets messages here; offer something else".to_owned(),
            )),
            Err(NotLeft::TooMany) => Err(ToolError::Refused(
                "this conversation has left enough messages".to_owned(),
            )),
            Err(NotLeft::Failed(source)) => Err(ToolError::Failed { source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use agent_contract::{CallId, Language};

    use super::*;

    #[derive(Default)]
    struct Desk(Mutex<Vec<LeftMessage>>);

    #[async_trait]
    impl MessageDesk for Desk {
        async fn leave(&self, _: &ToolContext, message: LeftMessage) -> Result<String, NotLeft> {
            if message.contact.as_deref() == Some("nobody") {
                return Err(NotLeft::Nobody);
            }
            self.0.lock().unwrap().push(message);
            Ok("Thomas".to_owned())
        }
    }

    async fn call(desk: &Arc<Desk>, arguments: Value) -> Result<ToolAnswer, ToolError> {
        let context = ToolContext {
            turn: 1,
            call: CallId("1".to_owned()),
            session: "web-a".into(),
            language: Language::english(),
            speaker: None,
        };
        let tool = LeaveMessage::new(Arc::<Desk>::clone(desk));
        tool.call(arguments, context).await
    }

    #[tokio::test]
    async fn what_the_person_says_reaches_the_desk_and_who_gets_it_comes_back() {
        let desk = Arc::new(Desk::default());

        let arguments = json!({ "text": " the key is under the mat ", "name": "Ann" });
        let answer = call(&desk, arguments).await.unwrap();

        let message = LeftMessage {
            text: "the key is under the mat".to_owned(),
            name: Some("Ann".to_owned()),
            contact: None,
        };
        assert_eq!(*desk.0.lock().unwrap(), [message]);
        assert!(format!("{answer:?}").contains("Thomas"), "{answer:?}");
    }

    #[tokio::test]
    async fn an_empty_one_and_a_letter_are_to_be_corrected() {
        let desk = Arc::new(Desk::default());

        for text in ["  ".to_owned(), "a".repeat(LONGEST + 1)] {
            let refused = call(&desk, json!({ "text": text })).await;
            assert!(
                matches!(refused, Err(ToolError::Arguments(_))),
                "{refused:?}"
            );
        }
        assert!(desk.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn where_nobody_gets_messages_something_else_is_to_be_offered() {
        let desk = Arc::new(Desk::default());

        let refused = call(&desk, json!({ "text": "hello", "contact": "nobody" })).await;

        assert!(matches!(refused, Err(ToolError::Refused(_))), "{refused:?}");
    }
}
