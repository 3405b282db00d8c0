//! Has somebody called back later.

use std::sync::Arc;

use agent_contract::{BoxError, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Value, json};

use crate::NotDialled;
use crate::arguments::{given, moment, phone_number, text};

/// A month, in minutes.
const LATEST_MINUTES: u32 = 43_200;

/// Whoever has people called back. It decides when exactly, and whether that is allowed.
#[async_trait]
pub trait CallbackDesk: Send + Sync + 'static {
    /// Notes that somebody in the asker's conversation wants to be called back; returns when they will be.
    ///
    /// # Errors
    ///
    /// [`NoCallback`] says what the thinker should make of it.
    async fn request(
        &self,
        asker: &ToolContext,
        wanted: WantedCallback,
    ) -> Result<Promised, NoCallback>;
}

/// When somebody will be called back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promised {
    /// The time with its zone, as RFC 9557 has it, where whoever calls lives.
    pub at: String,
    /// The same in words of the conversation's language.
    pub spoken: String,
}

/// A callback that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedCallback {
    /// The person's number; by default the one that they call from.
    pub phone_number: Option<String>,
    /// With whom: a person by name, or something that somebody has to know.
    pub contact: Option<String>,
    /// When, as RFC 3339 has it.
    pub at: Option<String>,
    /// In how many minutes.
    pub in_minutes: Option<u32>,
    /// Why.
    pub reason: Option<String>,
    /// What was said so far, in short.
    pub summary: Option<String>,
}

/// Nobody is called back.
#[derive(Debug, thiserror::Error)]
pub enum NoCallback {
    /// Nobody knows their number: ask for it.
    #[error("the number is needed")]
    NumberNeeded,
    /// The number is not called, or not yet.
    #[error(transparent)]
    Number(#[from] NotDialled),
    /// The time cannot be had: ask for another. The text says why.
    #[error("the time cannot be had")]
    Time(String),
    /// The number may not be called: ask for another, or offer something else.
    #[error("the number may not be called")]
    NotAllowed,
    /// Nobody can be called back from here: offer something else.
    #[error("nobody can be called back")]
    Impossible,
    /// It did not work this time.
    #[error("it did not work")]
    Failed(#[source] BoxError),
}

/// Lets the thinker promise a callback: `request_callback`.
pub struct RequestCallback {
    spec: ToolSpec,
    desk: Arc<dyn CallbackDesk>,
}

impl RequestCallback {
    /// What profiles call it.
    pub const NAME: &str = "request_callback";

    /// Makes the tool.
    #[must_use]
    pub fn new(desk: Arc<dyn CallbackDesk>) -> Self {
        Self { spec: spec(), desk }
    }
}

fn spec() -> ToolSpec {
    let properties = json!({
        "phone_number": phone_number("The number to call, with its country code, such as +41791234567. Read it back \
            and have it confirmed first. Leave it out when the person is on the telephone and wants to be called \
            there."),
        "contact": text("With whom, by name, or what they have to know about. Leave it out for anybody."),
        "at": moment("When, with date and offset, such as 2026-11-23T09:00:00+01:00. Leave it out, and in_minutes as \
            well, for as soon as possible."),
        "in_minutes": {
            "type": "integer",
            "minimum": 0,
            "maximum": LATEST_MINUTES,
            "description": "Or in how many minutes.",
        },
        "reason": text("Why, in a few words. The human is told."),
        "summary": text("What was said so far, in one or two sentences. The human is told."),
    });
    ToolSpec {
        name: RequestCallback::NAME.to_owned(),
        description: "Has the person called back later, together with a human. Use it when nobody can be had, or when \
            they prefer it, and have confirmed the number and the time. A second request changes the time of the first."
            .to_owned(),
        parameters: json!({ "type": "object", "properties": properties, "additionalProperties": false }),
    }
}

#[async_trait]
impl Tool for RequestCallback {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let given = |name| given(&arguments, name);
        let minutes = arguments.get("in_minutes").and_then(Value::as_u64);
        let wanted = WantedCallback {
            phone_number: given("phone_number"),
            contact: given("contact"),
            at: given("at"),
            in_minutes: minutes.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX)),
            reason: given("reason"),
            summary: given("summary"),
        };
        match self.desk.request(&context, wanted).await {
            Ok(promised) => Ok(ToolAnswer::text(format!(
                "They will be called back then, or a little later; tell them `spoken`: {}",
                json!(promised)
            ))),
            Err(NoCallback::NumberNeeded) => Err(ToolError::Arguments(
                "their number is not known: ask for it, read it back, and pass it as phone_number".to_owned(),
            )),
            Err(NoCallback::Number(why)) => why.for_thinker(),
            Err(NoCallback::Time(how)) => Err(ToolError::Arguments(how)),
            Err(NoCallback::NotAllowed) => Err(ToolError::Refused(
                "this number cannot be called from here; ask for another one, or offer to take a message".to_owned(),
            )),
            Err(NoCallback::Impossible) => Err(ToolError::Refused(
                "nobody can be called back from here; offer to take a message".to_owned(),
            )),
            Err(NoCallback::Failed(source)) => Err(ToolError::Failed { source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use agent_contract::{CallId, Language};

    use super::*;

    #[derive(Default)]
    struct Desk {
        asked: Mutex<Vec<(String, WantedCallback)>>,
    }

    #[async_trait]
    impl CallbackDesk for Desk {
        async fn request(
            &self,
            asker: &ToolContext,
            wanted: WantedCallback,
        ) -> Result<Promised, NoCallback> {
            if wanted.phone_number.is_none() {
                return Err(NoCallback::NumberNeeded);
            }
            self.asked
                .lock()
                .unwrap()
                .push((asker.session.to_string(), wanted));
            Ok(Promised {
                at: "2026-11-23T09:00:00+01:00[Europe/Zurich]".to_owned(),
                spoken: "Monday 23 November at 9:00".to_owned(),
            })
        }
    }

    fn context() -> ToolContext {
        ToolContext {
            turn: 1,
            call: CallId("1".to_owned()),
            session: "web-a".into(),
            language: Language::english(),
            speaker: None,
        }
    }

    #[tokio::test]
    async fn what_the_thinker_says_of_it_reaches_the_desk_and_the_time_comes_back() {
        let desk = Arc::new(Desk::default());
        let tool = RequestCallback::new(Arc::<Desk>::clone(&desk));

        let arguments =
            json!({ "phone_number": "+41791234567", "in_minutes": 30, "reason": " an invoice " });
        let answer = tool.call(arguments, context()).await.unwrap();

        let wanted = WantedCallback {
            reason: Some("an invoice".to_owned()),
            phone_number: Some("+41791234567".to_owned()),
            in_minutes: Some(30),
            ..WantedCallback::default()
        };
        assert_eq!(*desk.asked.lock().unwrap(), [("web-a".to_owned(), wanted)]);
        assert!(
            format!("{answer:?}").contains("Monday 23 November at 9:00"),
            "{answer:?}"
        );
    }

    #[tokio::test]
    async fn a_number_that_nobody_knows_is_to_be_asked_for() {
        let tool = RequestCallback::new(Arc::new(Desk::default()));

        let refused = tool.call(json!({}), context()).await.unwrap_err();

        assert!(refused.for_thinker().contains("ask for it"), "{refused:?}");
    }
}
