//! News of a media stream, told beside its socket.

use super::{WebhookError, optional, required};
use crate::{
    form::Form,
    sid::{CallSid, StreamSid},
};

/// The longest reason that is kept, in bytes.
const LONGEST_REASON: usize = 512;

/// A stream began, stopped or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStatus {
    /// The call.
    pub call: CallSid,
    /// The stream; it has none when it never came about.
    pub stream: Option<StreamSid>,
    /// What happened.
    pub event: StreamEvent,
}

/// What happened to a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// Twilio has connected to our socket.
    Started,
    /// It is over.
    Stopped,
    /// It failed, for this reason in Twilio's words.
    Failed(String),
}

impl StreamStatus {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] without a usable `CallSid` or `StreamEvent`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let event = form
            .get("StreamEvent")
            .ok_or(WebhookError::Missing("StreamEvent"))?;
        let event = match event {
            "stream-started" => StreamEvent::Started,
            "stream-stopped" => StreamEvent::Stopped,
            "stream-error" => {
                let reason = form.get("StreamError").unwrap_or("no reason given");
                let end = reason.floor_char_boundary(LONGEST_REASON);
                StreamEvent::Failed(reason[..end].to_owned())
            }
            _ => return Err(WebhookError::Garbled("StreamEvent")),
        };
        Ok(Self {
            call: required(form, "CallSid")?,
            stream: optional(form, "StreamSid"),
            event,
        })
    }
}
