//! Looks when people can be met, and makes appointments with them.

use std::sync::Arc;

use agent_contract::{BoxError, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Value, json};

use crate::arguments::{given, moment, phone_number, text};

/// Whoever keeps the diary. It decides what is free.
#[async_trait]
pub trait DiaryDesk: Send + Sync + 'static {
    /// Returns when somebody can be met.
    ///
    /// # Errors
    ///
    /// [`NoAppointment`] says what the thinker should make of it.
    async fn free(
        &self,
        asker: &ToolContext,
        wanted: Availability,
    ) -> Result<Vec<FreeTime>, NoAppointment>;

    /// Makes an appointment.
    ///
    /// # Errors
    ///
    /// [`NoAppointment`] says what the thinker should make of it.
    async fn book(&self, asker: &ToolContext, wanted: Booking) -> Result<Made, NoAppointment>;
}

/// When somebody wants to meet whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Availability {
    /// A person by name, or something that somebody has to know.
    pub contact: Option<String>,
    /// Not before, as RFC 3339 has it.
    pub from: Option<String>,
    /// Not after.
    pub to: Option<String>,
}

/// An appointment that is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Booking {
    /// When it begins, as RFC 3339 has it.
    pub start: String,
    /// A person by name, or something that somebody has to know.
    pub contact: Option<String>,
    /// What whoever comes is called.
    pub name: Option<String>,
    /// How they are reached; by default the number that they call from.
    pub phone_number: Option<String>,
    /// Why they come.
    pub reason: Option<String>,
}

/// A time when somebody can be met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FreeTime {
    /// When it begins, as RFC 3339 has it, where whoever is met lives.
    pub start: String,
    /// The same in words of the conversation's language.
    pub spoken: String,
    /// Who is met.
    pub contact: String,
}

/// An appointment that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// When, and with whom.
    #[serde(flatten)]
    pub time: FreeTime,
    /// How long it is, in minutes.
    pub minutes: u16,
}

/// There is no appointment.
#[derive(Debug, thiserror::Error)]
pub enum NoAppointment {
    /// Something cannot be read: ask again. The text says how to write it.
    #[error("something cannot be read")]
    Unreadable(String),
    /// Nobody can be met then: offer these instead.
    #[error("nobody can be met then")]
    Taken(Vec<FreeTime>),
    /// Nobody takes appointments: offer something else.
    #[error("nobody takes appointments")]
    Nobody,
    /// Enough were made in this conversation: say so.
    #[error("enough appointments were made")]
    Enough,
    /// It did not work this time.
    #[error("it did not work")]
    Failed(#[source] BoxError),
}

impl From<NoAppointment> for ToolError {
    fn from(why: NoAppointment) -> Self {
        match why {
            NoAppointment::Unreadable(how) => Self::Arguments(how),
            NoAppointment::Taken(others) if others.is_empty() => Self::Refused(
                "nobody can be met then, nor near it. Ask for another time".to_owned(),
            ),
            NoAppointment::Taken(others) => Self::Refused(format!(
                "nobody can be met then. Offer one of these: {}",
                shown(&others)
            )),
            NoAppointment::Nobody => {
                Self::Refused("nobody takes appointments here; offer to take a message".to_owned())
            }
            NoAppointment::Enough => {
                Self::Refused("enough appointments were made in this conversation".to_owned())
            }
            NoAppointment::Failed(source) => Self::Failed { source },
        }
    }
}

/// Lets the thinker see when somebody can be met: `check_availability`.
pub struct CheckAvailability {
    spec: ToolSpec,
    desk: Arc<dyn DiaryDesk>,
}

impl CheckAvailability {
    /// What profiles call it.
    pub const NAME: &str = "check_availability";

    /// Makes it.
    #[must_use]
    pub fn new(desk: Arc<dyn DiaryDesk>) -> Self {
        let spec = ToolSpec {
            name: Self::NAME.to_owned(),
            description:
                "Tells when somebody can be met or talked to by appointment. Use it before \
                `book_appointment`, and offer two or three of the times; say `spoken`, not `start`."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "contact": text("Who is to be met, by name, or what they have to know about. Leave it out for \
                        anybody."),
                    "from": moment("Not before this time, such as 2026-11-24T09:00:00+01:00. Leave it out for now."),
                    "to": moment("Not after this time. Leave it out for a week later."),
                },
                "additionalProperties": false,
            }),
        };
        Self { spec, desk }
    }
}

#[async_trait]
impl Tool for CheckAvailability {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let wanted = Availability {
            contact: given(&arguments, "contact"),
            from: given(&arguments, "from"),
            to: given(&arguments, "to"),
        };
        let free = self.desk.free(&context, wanted).await?;
        Ok(ToolAnswer::text(if free.is_empty() {
            "Nobody can be met in that time. Offer to look at another one.".to_owned()
        } else {
            shown(&free)
        }))
    }
}

/// Lets the thinker make an appointment: `book_appointment`.
pub struct BookAppointment {
    spec: ToolSpec,
    desk: Arc<dyn DiaryDesk>,
}

impl BookAppointment {
    /// What profiles call it.
    pub const NAME: &str = "book_appointment";

    /// Makes it.
    #[must_use]
    pub fn new(desk: Arc<dyn DiaryDesk>) -> Self {
        let spec = ToolSpec {
            name: Self::NAME.to_owned(),
            description: "Makes an appointment at a time that `check_availability` has told. Use it once the person \
                has chosen the time; ask for their name before, and for their telephone number where they are not on \
                the telephone, and read the number back."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "start": moment("The `start` that `check_availability` has told, as it is."),
                    "contact": text("Who is to be met, as `check_availability` has told."),
                    "name": text("What the person is called."),
                    "phone_number": phone_number("The person's telephone number with its country code, such as \
                        +41791234567. Leave it out when they are on the telephone and can be reached there."),
                    "reason": text("What it is about, in a few words."),
                },
                "required": ["start"],
                "additionalProperties": false,
            }),
        };
        Self { spec, desk }
    }
}

#[async_trait]
impl Tool for BookAppointment {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, context: ToolContext) -> Result<ToolAnswer, ToolError> {
        let wanted = Booking {
            start: given(&arguments, "start").unwrap_or_default(),
            contact: given(&arguments, "contact"),
            name: given(&arguments, "name"),
            phone_number: given(&arguments, "phone_number"),
            reason: given(&arguments, "reason"),
        };
        let made = self.desk.book(&context, wanted).await?;
        Ok(ToolAnswer::text(format!(
            "It is made, and they are told: {}",
            json!(made)
        )))
    }
}

fn shown(times: &[FreeTime]) -> String {
    json!(times).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use agent_contract::{CallId, Language};

    use super::*;

    /// Books whatever is asked for, but what is taken.
    #[derive(Default)]
    struct Desk {
        booked: Mutex<Vec<Booking>>,
    }

    const TAKEN: &str = "2026-11-24T09:00:00+01:00";

    fn ten_o_clock() -> FreeTime {
        FreeTime {
            start: "2026-11-24T10:00:00+01:00".to_owned(),
            spoken: "Tuesday 24 November at 10:00".to_owned(),
            contact: "Thomas".to_owned(),
        }
    }

    #[async_trait]
    impl DiaryDesk for Desk {
        async fn free(
            &self,
            _: &ToolContext,
            wanted: Availability,
        ) -> Result<Vec<FreeTime>, NoAppointment> {
            match wanted.contact.as_deref() {
                Some("nobody") => Err(NoAppointment::Nobody),
                Some("busy") => Ok(Vec::new()),
                _ => Ok(vec![ten_o_clock()]),
            }
        }

        async fn book(&self, _: &ToolContext, wanted: Booking) -> Result<Made, NoAppointment> {
            if wanted.start == TAKEN {
                return Err(NoAppointment::Taken(vec![ten_o_clock()]));
            }
            self.booked.lock().unwrap().push(wanted);
            Ok(Made {
                id: "apt-1".to_owned(),
                time: ten_o_clock(),
                minutes: 30,
            })
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
    async fn the_thinker_is_told_free_times_in_words_and_as_they_are_booked() {
        let tool = CheckAvailability::new(Arc::new(Desk::default()));
        let ask = async |who: &str| tool.call(json!({ "contact": who }), context()).await;

        let found = ask("").await.unwrap().text;
        let busy = ask("busy").await.unwrap().text;
        let nobody = ask("nobody").await.unwrap_err().for_thinker();

        assert!(found.contains("Tuesday 24 November"), "{found}");
        assert!(found.contains("2026-11-24T10:00:00+01:00"), "{found}");
        assert!(busy.contains("another"), "{busy}");
        assert!(nobody.contains("message"), "{nobody}");
    }

    #[tokio::test]
    async fn an_appointment_is_made_or_others_are_offered() {
        let desk = Arc::new(Desk::default());
        let tool = BookAppointment::new(Arc::<Desk>::clone(&desk));

        let taken = tool.call(json!({ "start": TAKEN }), context()).await;
        let free = json!({ "start": "2026-11-24T10:00:00+01:00", "name": " Ann ", "reason": "" });
        let made = tool.call(free, context()).await.unwrap().text;

        let taken = taken.unwrap_err().for_thinker();
        assert!(taken.contains("Tuesday 24 November at 10:00"), "{taken}");
        assert!(made.contains("apt-1"), "{made}");
        let booked = desk.booked.lock().unwrap();
        assert_eq!(booked[0].name.as_deref(), Some("Ann"));
        assert_eq!(booked[0].reason, None);
    }
}
