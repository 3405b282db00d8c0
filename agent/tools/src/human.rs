//! Brings a human into the conversation.

use std::sync::Arc;

use agent_contract::{BoxError, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::NotDialled;
use crate::arguments::{given, phone_number, text};

/// Whoever brings humans in. It decides whom to call and whether that is allowed.
#[async_trait]
pub trait HumanDesk: Send + Sync + 'static {
    /// Has a human brought into the conversation of whoever asks; returns as soon as they are being called.
    ///
    /// # Errors
    ///
    /// [`NoHuman`] says what the thinker should make of it.
    async fn bring(&self, asker: &ToolContext, wanted: Wanted) -> Result<(), NoHuman>;
}

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A person by name, or something that somebody has to know.
    pub contact: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What was said so far, in short.
    pub summary: Option<String>,
    /// The caller's own telephone, where they want to be called.
    pub phone_number: Option<String>,
}

/// Nobody is brought in.
#[derive(Debug, thiserror::Error)]
pub enum NoHuman {
    /// The caller's own telephone is not called, or not yet: it says why.
    #[error(transparent)]
    Number(#[from] NotDialled),
    /// Nobody is there who could be called: offer something else.
    #[error("nobody can be called")]
    Nobody,
    /// It did not work this time.
    #[error("it did not work")]
    Failed(#[source] BoxError),
}

/// Lets the thinker bring a human in: `transfer_to_human`, or with the caller's own telephone
/// `create_conference_call`.
pub struct BringHuman {
    spec: ToolSpec,
    desk: Arc<dyn HumanDesk>,
}

impl BringHuman {
    /// Returns the tool `transfer_to_human`: the caller stays where they are.
    #[must_use]
    pub fn transfer(desk: Arc<dyn HumanDesk>) -> Self {
        let parameters = json!({
            "type": "object",
            "properties": properties(),
            "additionalProperties": false,
        });
        let description = "Calls a human into this conversation. Use it when the person asks for a human, or for \
            somebody by name, and has confirmed it. Somebody on the website is asked first whether they want to \
            stay here, which is this, or to be called on their telephone. You stay with them meanwhile.";
        Self::new("transfer_to_human", description, parameters, desk)
    }

    /// Returns the tool `create_conference_call`: the caller is called on their own telephone.
    #[must_use]
    pub fn conference(desk: Arc<dyn HumanDesk>) -> Self {
        let mut properties = properties();
        properties["phone_number"] = phone_number(
            "The person's own telephone number with its country code, such as +41791234567. Nobody is called before it \
                was read back and they have said yes: call this once to learn how to read it back, and once more with \
                the same number afterwards.",
        );
        let parameters = json!({
            "type": "object",
            "properties": properties,
            "required": ["phone_number"],
            "additionalProperties": false,
        });
        let description = "Calls the person on their own telephone and a human as well, and connects both with this \
            conversation. Use it when somebody on the website wants a human: ask first whether they want to stay \
            here, which is `transfer_to_human`, or to be called on their telephone.";
        Self::new("create_conference_call", description, parameters, desk)
    }

    fn new(name: &str, description: &str, parameters: Value, desk: Arc<dyn HumanDesk>) -> Self {
        Self {
            spec: ToolSpec {
                name: name.to_owned(),
                description: description.to_owned(),
                parameters,
            },
            desk,
        }
    }
}

fn properties() -> Value {
    json!({
        "contact": text("Who is wanted, by name, or what they have to know about. Leave it out for anybody."),
        "reason": text("Why, in a few words. The human is told."),
        "summary": text("What was said so far, in one or two sentences. The human is told."),
    })
}

#[async_trait]
impl Tool for BringHuman {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let given = |name| given(&arguments, name);
        let wanted = Wanted {
            contact: given("contact"),
            reason: given("reason"),
            summary: given("summary"),
            phone_number: given("phone_number"),
        };
        match self.desk.bring(&context, wanted).await {
            Ok(()) => Ok(ToolAnswer::text(
                "They are being called; the person is told so. Say nothing more than that they should hold on.",
            )),
            Err(NoHuman::Number(why)) => why.for_thinker(),
            Err(NoHuman::Nobody) => Err(ToolError::Refused(
                "nobody is there who could be called; offer to take a message".to_owned(),
            )),
            Err(NoHuman::Failed(source)) => Err(ToolError::Failed { source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use agent_contract::{CallId, Language};

    use super::*;

    const UNCONFIRMED: &str = "+4179";

    #[derive(Default)]
    struct Desk {
        asked: Mutex<Vec<(String, Wanted)>>,
        refuses: bool,
    }

    #[async_trait]
    impl HumanDesk for Desk {
        async fn bring(&self, asker: &ToolContext, wanted: Wanted) -> Result<(), NoHuman> {
            if self.refuses {
                return Err(NoHuman::Nobody);
            }
            if wanted.phone_number.as_deref() == Some(UNCONFIRMED) {
                let digits = "+ 4 1 7 9".to_owned();
                return Err(NotDialled::Unconfirmed { digits }.into());
            }
            self.asked
                .lock()
                .unwrap()
                .push((asker.session.to_string(), wanted));
            Ok(())
        }
    }

    fn context() -> ToolContext {
        ToolContext {
            call: CallId("1".to_owned()),
            session: "web-a".into(),
            language: Language::english(),
            speaker: None,
            turn: 1,
        }
    }

    #[tokio::test]
    async fn what_the_thinker_says_of_it_reaches_the_desk() {
        let desk = Arc::new(Desk::default());
        let tool = BringHuman::conference(Arc::<Desk>::clone(&desk));

        let arguments =
            json!({ "phone_number": "+41791234567", "reason": " an invoice ", "contact": "" });
        tool.call(arguments, context()).await.unwrap();

        let wanted = Wanted {
            reason: Some("an invoice".to_owned()),
            phone_number: Some("+41791234567".to_owned()),
            ..Wanted::default()
        };
        let asked = desk.asked.lock().unwrap();
        assert_eq!(*asked, [("web-a".to_owned(), wanted)]);
    }

    #[tokio::test]
    async fn a_number_that_nobody_has_confirmed_is_to_be_read_back() {
        let tool = BringHuman::conference(Arc::new(Desk::default()));

        let arguments = json!({ "phone_number": UNCONFIRMED });
        let answer = tool.call(arguments, context()).await.unwrap();

        assert!(answer.text.contains("+ 4 1 7 9"), "{answer:?}");
        assert!(answer.text.contains("Nobody is being called"), "{answer:?}");
    }

    #[tokio::test]
    async fn when_nobody_can_be_called_the_thinker_is_told_what_to_offer() {
        let desk = Arc::new(Desk {
            refuses: true,
            ..Desk::default()
        });
        let tool = BringHuman::transfer(desk);

        let refused = tool.call(json!({}), context()).await.unwrap_err();

        assert!(refused.for_thinker().contains("message"), "{refused:?}");
    }
}
