//! Recordings of calls.

use std::time::Duration;

use serde::Deserialize;

use super::{RestClient, RestError, call::seconds, fields::Fields};
use crate::sid::{CallSid, RecordingSid};

/// A recording to be begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRecording {
    /// Where it is told that it runs, is ready, or came to nothing.
    pub status_callback: Option<String>,
    /// Whether both sides are kept apart; they are mixed when not said.
    pub apart: bool,
}

/// A recording as Twilio knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its id.
    pub sid: RecordingSid,
    /// What it is of.
    pub call: Option<CallSid>,
    /// How far it is, in Twilio's word: `in-progress`, `paused`, `stopped`, `processing`, `completed`, `absent`.
    pub status: String,
    /// How long it is.
    pub duration: Option<Duration>,
}

#[derive(Deserialize)]
struct Raw {
    sid: RecordingSid,
    call_sid: Option<CallSid>,
    status: Option<String>,
    duration: Option<String>,
}

impl From<Raw> for Recording {
    fn from(raw: Raw) -> Self {
        Self {
            sid: raw.sid,
            call: raw.call_sid,
            status: raw.status.unwrap_or_default(),
            duration: raw.duration.as_deref().and_then(seconds),
        }
    }
}

impl RestClient {
    /// Begins to record a call that was answered.
    ///
    /// # Errors
    /// [`RestError`]; after [`RestError::OutcomeUnknown`] it may be recording.
    pub async fn start_recording(
        &self,
        call: &CallSid,
        recording: &NewRecording,
    ) -> Result<Recording, RestError> {
        let events: &[&str] = match recording.status_callback {
            Some(_) => &["in-progress", "completed", "absent"],
            None => &[],
        };
        let fields = Fields::default()
            .maybe(
                "RecordingStatusCallback",
                recording.status_callback.as_ref(),
            )
            .each("RecordingStatusCallbackEvent", events)
            .maybe("RecordingChannels", recording.apart.then_some("dual"));
        let path = ["Calls", call.as_str(), "Recordings"];
        self.send::<Raw>(self.create(&path, &fields))
            .await
            .map(Recording::from)
    }

    /// Ends a recording.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when there was nothing to end.
    pub async fn stop_recording(
        &self,
        call: &CallSid,
        recording: &RecordingSid,
    ) -> Result<Recording, RestError> {
        let fields = Fields::default().with("Status", "stopped");
        let path = ["Calls", call.as_str(), "Recordings", recording.as_str()];
        self.send::<Raw>(self.update(&path, &fields))
            .await
            .map(Recording::from)
    }

    /// Deletes a recording.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when there was nothing to delete.
    pub async fn delete_recording(&self, recording: &RecordingSid) -> Result<(), RestError> {
        self.send_silently(self.delete(&["Recordings", recording.as_str()]))
            .await
    }
}
