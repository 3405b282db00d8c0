//! Messages, seen by the person who has the phone.

/// Somebody writes to a number of the account.
#[derive(Clone, Debug, Default)]
pub struct InboundMessage {
    /// Who writes: E.164, or `whatsapp:` and E.164.
    pub from: String,
    /// Which number is written to.
    pub to: String,
    /// The text.
    pub body: String,
    /// Addresses of attachments with their content types.
    pub media: Vec<(String, String)>,
    /// What further stands in the webhook, such as `ProfileName` or `ButtonPayload`.
    pub extra: Vec<(String, String)>,
}

impl InboundMessage {
    /// Returns a message without attachments.
    #[must_use]
    pub fn new(from: &str, to: &str, body: &str) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            body: body.into(),
            ..Self::default()
        }
    }
}

/// What the application answered to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The message's identifier, `SM…`.
    pub message_sid: String,
    /// The HTTP status; nothing when nobody answered.
    pub status: Option<u16>,
    /// What the application wrote back in its document.
    pub replies: Vec<String>,
}

/// A message of the application, on its way to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its identifier, `SM…`.
    pub sid: String,
    /// Which number wrote.
    pub from: String,
    /// Who is written to.
    pub to: String,
    /// The text.
    pub body: String,
    /// Addresses of attachments.
    pub media: Vec<String>,
    /// The template, `HX…`, with its variables as JSON.
    pub content: Option<(String, String)>,
    /// Why it does not arrive: Twilio's code.
    pub error: Option<u32>,
}

/// What becomes of messages to a phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// They arrive.
    #[default]
    Delivered,
    /// They arrive and are read.
    Read,
    /// They do not arrive, with Twilio's code, such as 30003.
    Undelivered(u32),
    /// REST refuses: the person does not want any (21610).
    OptedOut,
}
