//! How far a call is.

use std::time::Duration;

use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::{AnsweredBy, WebhookError, optional, party, required, seconds};
use crate::{
    form::Form,
    party::Party,
    sid::{AccountSid, CallSid, RecordingSid},
};

/// The state of a call, in Twilio's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallStatus {
    /// It waits for its turn to be dialled.
    Queued,
    /// It is being dialled.
    Initiated,
    /// It rings.
    Ringing,
    /// It was answered.
    InProgress,
    /// It was answered and is over.
    Completed,
    /// The other side was busy.
    Busy,
    /// It could not be connected.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// It was taken back before it was answered.
    Canceled,
}

impl CallStatus {
    /// Reads Twilio's word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "queued" => Some(Self::Queued),
            "initiated" => Some(Self::Initiated),
            "ringing" => Some(Self::Ringing),
            // `answered` is the word of `<Dial>`.
            "in-progress" | "answered" => Some(Self::InProgress),
            "completed" => Some(Self::Completed),
            "busy" => Some(Self::Busy),
            "failed" => Some(Self::Failed),
            "no-answer" => Some(Self::NoAnswer),
            "canceled" => Some(Self::Canceled),
            _ => None,
        }
    }

    /// Returns Twilio's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// Returns how far along it is: callbacks come in any order, and a call only moves on to a higher rank.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Initiated => 1,
            Self::Ringing => 2,
            Self::InProgress => 3,
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => 4,
        }
    }

    /// Returns whether nothing follows.
    #[must_use]
    pub fn is_final(self) -> bool {
        self.rank() == Self::Completed.rank()
    }
}

impl<'de> serde::Deserialize<'de> for CallStatus {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("an unknown call status"))
    }
}

/// News of a call. It may come late, twice, in another order, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusCallback {
    /// The call.
    pub call: CallSid,
    /// Whose it is.
    pub account: AccountSid,
    /// How far it is.
    pub status: CallStatus,
    /// Who calls.
    pub from: Party,
    /// Who is called.
    pub to: Party,
    /// The call whose `<Dial>` made this one.
    pub parent: Option<CallSid>,
    /// The order in which Twilio made the callbacks of this call, from 0; with the call it names one callback.
    pub sequence: Option<u64>,
    /// When it happened.
    pub at: Option<OffsetDateTime>,
    /// How long the call was.
    pub duration: Option<Duration>,
    /// How the phone network ended it, as SIP counts.
    pub sip_response: Option<u16>,
    /// Who answered.
    pub answered_by: Option<AnsweredBy>,
    /// A recording that was made of it.
    pub recording: Option<RecordingSid>,
}

impl StatusCallback {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] without a usable `CallSid`, `AccountSid` or `CallStatus`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let status = form
            .get("CallStatus")
            .ok_or(WebhookError::Missing("CallStatus"))?;
        Ok(Self {
            call: required(form, "CallSid")?,
            account: required(form, "AccountSid")?,
            status: CallStatus::parse(status).ok_or(WebhookError::Garbled("CallStatus"))?,
            from: party(form, "From"),
            to: party(form, "To"),
            parent: optional(form, "ParentCallSid"),
            sequence: optional(form, "SequenceNumber"),
            at: form
                .get("Timestamp")
                .and_then(|at| OffsetDateTime::parse(at, &Rfc2822).ok()),
            // `Duration` counts begun minutes.
            duration: seconds(form, "CallDuration"),
            sip_response: optional(form, "SipResponseCode"),
            answered_by: form.get("AnsweredBy").map(AnsweredBy::parse),
            recording: optional(form, "RecordingSid"),
        })
    }
}
