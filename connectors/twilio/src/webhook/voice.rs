//! A call asks what to do.

use super::{AnsweredBy, CallStatus, WebhookError, optional, party, required};
use crate::{
    form::Form,
    party::Party,
    sid::{AccountSid, ApplicationSid, CallSid},
};

/// The parameters of a request for `TwiML`. `Debug` shows nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceRequest {
    /// The call.
    pub call: CallSid,
    /// Whose it is.
    pub account: AccountSid,
    /// How far it is, as far as known.
    pub status: Option<CallStatus>,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// Who calls.
    pub from: Party,
    /// Who is called; nobody for a browser's call that names none.
    pub to: Party,
    /// The call whose `<Dial>` made this one.
    pub parent: Option<CallSid>,
    /// Who passed the call on, if the carrier said so.
    pub forwarded_from: Party,
    /// The application through which a browser called.
    pub application: Option<ApplicationSid>,
    /// Who answered an outbound call, where detection was waited for.
    pub answered_by: Option<AnsweredBy>,
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Somebody called one of our numbers or applications.
    Inbound,
    /// We called by the API.
    OutboundApi,
    /// A call's `<Dial>` called.
    OutboundDial,
}

impl VoiceRequest {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] without a usable `CallSid` or `AccountSid`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        Ok(Self {
            call: required(form, "CallSid")?,
            account: required(form, "AccountSid")?,
            status: form.get("CallStatus").and_then(CallStatus::parse),
            direction: form.get("Direction").and_then(Direction::parse),
            from: party(form, "From"),
            to: party(form, "To"),
            parent: optional(form, "ParentCallSid"),
            forwarded_from: party(form, "ForwardedFrom"),
            application: optional(form, "ApplicationSid"),
            answered_by: form.get("AnsweredBy").map(AnsweredBy::parse),
        })
    }
}

impl Direction {
    /// Reads Twilio's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "inbound" => Some(Self::Inbound),
            "outbound-api" => Some(Self::OutboundApi),
            "outbound-dial" => Some(Self::OutboundDial),
            _ => None,
        }
    }
}
