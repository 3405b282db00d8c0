//! News of a recording.

use std::time::Duration;

use super::{WebhookError, optional, required, seconds};
use crate::{
    form::Form,
    sid::{CallSid, ConferenceSid, RecordingSid},
};

/// A recording began, is ready, or came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingEvent {
    /// The recording.
    pub recording: RecordingSid,
    /// The call it is of.
    pub call: Option<CallSid>,
    /// The conference it is of.
    pub conference: Option<ConferenceSid>,
    /// How far it is.
    pub status: RecordingStatus,
    /// How long it is.
    pub duration: Option<Duration>,
}

/// How far a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordingStatus {
    /// It runs.
    InProgress,
    /// It can be fetched.
    Completed,
    /// There was nothing to record.
    Absent,
    /// It could not be made.
    Failed,
}

impl RecordingEvent {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`WebhookError`] without a usable `RecordingSid` or `RecordingStatus`.
    pub fn read(form: &Form) -> Result<Self, WebhookError> {
        let status = form
            .get("RecordingStatus")
            .ok_or(WebhookError::Missing("RecordingStatus"))?;
        let status = match status {
            "in-progress" => RecordingStatus::InProgress,
            "completed" => RecordingStatus::Completed,
            "absent" => RecordingStatus::Absent,
            "failed" => RecordingStatus::Failed,
            _ => return Err(WebhookError::Garbled("RecordingStatus")),
        };
        Ok(Self {
            recording: required(form, "RecordingSid")?,
            call: optional(form, "CallSid"),
            conference: optional(form, "ConferenceSid"),
            status,
            duration: seconds(form, "RecordingDuration"),
        })
    }
}
