//! Messages: text and `WhatsApp`.

use std::fmt;

use serde::Deserialize;

use super::{RestClient, RestError, fields::Fields};
use crate::sid::MessageSid;

/// A message to be sent. `Debug` shows nothing of it.
#[derive(Clone)]
pub struct NewMessage {
    /// To whom: a number in E.164, or `whatsapp:` and one.
    pub to: String,
    /// From which number of the account.
    pub from: String,
    /// What it says.
    pub content: Content,
    /// Where it is told what becomes of it.
    pub status_callback: Option<String>,
}

/// What a message says.
#[derive(Clone)]
pub enum Content {
    /// Text of at most 1600 characters, with the address of a picture or without.
    Text {
        /// The text.
        body: String,
        /// The picture.
        media: Option<String>,
    },
    /// A template that was approved.
    Template {
        /// Its id, `HX…`.
        content: String,
        /// Its variables: a JSON object of strings.
        variables: Option<String>,
    },
}

/// A message as Twilio knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// Its id.
    pub sid: MessageSid,
    /// How far it is, in Twilio's word.
    pub status: String,
    /// Why it was not delivered.
    pub error_code: Option<u32>,
}

impl RestClient {
    /// Sends a message.
    ///
    /// # Errors
    /// [`RestError`]; after [`RestError::OutcomeUnknown`] it may be on its way.
    pub async fn send_message(&self, message: &NewMessage) -> Result<Message, RestError> {
        let fields = Fields::default()
            .with("To", &message.to)
            .with("From", &message.from)
            .maybe("StatusCallback", message.status_callback.as_ref());
        let fields = match &message.content {
            Content::Text { body, media } => {
                fields.with("Body", body).maybe("MediaUrl", media.as_ref())
            }
            Content::Template { content, variables } => fields
                .with("ContentSid", content)
                .maybe("ContentVariables", variables.as_ref()),
        };
        self.send(self.create(&["Messages"], &fields)).await
    }
}

impl fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewMessage").finish_non_exhaustive()
    }
}
