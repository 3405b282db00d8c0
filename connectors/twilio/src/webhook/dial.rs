//! How a `<Dial>` went.

use std::time::Duration;

use super::{CallStatus, VoiceRequest, WebhookError, optional, seconds, yes};
use crate::{form::Form, sid::CallSid};

/// The parameters of the request to a `<Dial>`'s action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialEnded {
    /// The parameters of the call that dialled.
    pub voice: VoiceRequest,
    /// How the dialled call ended; in progress when it was answered and something else took over.
    pub status: CallStatus,
    /// The call that was dialled; a conference has none.
    pub call: Option<CallSid>,
    /// How long both talked.
    pub duration: Option<Duration>,
    /// Whether both were connected.
    pub bridged: Option<bool>,
}

impl DialEnded {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] as for [`VoiceRequest::read`], or without a usable `DialCallStatus`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let status = form
            .get("DialCallStatus")
            .ok_or(WebhookError::Missing("DialCallStatus"))?;
        Ok(Self {
            voice: VoiceRequest::read(form)?,
            status: CallStatus::parse(status).ok_or(WebhookError::Garbled("DialCallStatus"))?,
            call: optional(form, "DialCallSid"),
            duration: seconds(form, "DialCallDuration"),
            bridged: yes(form, "DialBridged"),
        })
    }
}
