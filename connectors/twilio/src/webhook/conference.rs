//! News of a conference.

use super::{WebhookError, optional, required};
use crate::{
    form::Form,
    sid::{CallSid, ConferenceSid},
};

/// Something happened in a conference. It may come late, twice, or in another order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConferenceEvent {
    /// The conference.
    pub conference: ConferenceSid,
    /// The name it was opened with.
    pub name: String,
    /// The order in which Twilio made the callbacks.
    pub sequence: Option<u64>,
    /// What happened.
    pub happening: ConferenceHappening,
    /// Whom it happened to, where it happened to somebody.
    pub call: Option<CallSid>,
    /// The label that they were added with.
    pub label: Option<String>,
}

/// What happens in conferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConferenceHappening {
    /// Two are in, and one of them starts it.
    Started,
    /// It is over.
    Ended,
    /// Somebody came in.
    Joined,
    /// Somebody left.
    Left,
    /// Somebody cannot be heard.
    Muted,
    /// Somebody can be heard again.
    Unmuted,
    /// Somebody was put on hold.
    Held,
    /// Somebody came back from hold.
    Unheld,
    /// Something about a participant changed, or something that is not known here.
    Other,
}

impl ConferenceEvent {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] without a usable `ConferenceSid` or a `StatusCallbackEvent`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let event = form
            .get("StatusCallbackEvent")
            .ok_or(WebhookError::Missing("StatusCallbackEvent"))?;
        Ok(Self {
            conference: required(form, "ConferenceSid")?,
            name: form.get("FriendlyName").unwrap_or_default().to_owned(),
            sequence: optional(form, "SequenceNumber"),
            happening: ConferenceHappening::parse(event),
            call: optional(form, "CallSid"),
            label: form.get("ParticipantLabel").map(str::to_owned),
        })
    }
}

impl ConferenceHappening {
    fn parse(text: &str) -> Self {
        match text {
            "conference-start" => Self::Started,
            "conference-end" => Self::Ended,
            "participant-join" => Self::Joined,
            "participant-leave" => Self::Left,
            "participant-mute" => Self::Muted,
            "participant-unmute" => Self::Unmuted,
            "participant-hold" => Self::Held,
            "participant-unhold" => Self::Unheld,
            _ => Self::Other,
        }
    }
}
