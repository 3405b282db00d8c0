//! What Twilio tells: typed parameters of its webhooks, lenient with what is new, strict with what decides.
//!
//! Read a [`Form`] here only after its signature was checked. Fields that are missing, empty or of no known form are
//! `None`; the few without which nothing can be done are errors.

mod conference;
mod dial;
mod gather;
mod machine;
mod recording;
mod status;
mod stream;
mod voice;

use std::{str::FromStr, time::Duration};

pub(crate) use self::gather::is_key;
pub use self::{
    conference::{ConferenceEvent, ConferenceHappening},
    dial::DialEnded,
    gather::Gathered,
    machine::{AnsweredBy, MachineVerdict},
    recording::{RecordingEvent, RecordingStatus},
    status::{CallStatus, StatusCallback},
    stream::{StreamEvent, StreamStatus},
    voice::{Direction, VoiceRequest},
};
use crate::{form::Form, party::Party};

/// The header by which a webhook that Twilio sends again is known.
pub const IDEMPOTENCY_HEADER: &str = "i-twilio-idempotency-token";

/// A webhook without something that it cannot do without: answer 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The field is missing or empty.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// The field has another shape than Twilio gives it.
    #[error("the field {0} makes no sense")]
    Garbled(&'static str),
}

/// Returns a field that has to be there.
fn required<T: FromStr>(form: &Form, name: &'static str) -> Result<T, WebhookError> {
    let text = form.get(name).ok_or(WebhookError::Missing(name))?;
    text.parse().map_err(|_| WebhookError::Garbled(name))
}

/// Returns a field if it is there and makes sense.
fn optional<T: FromStr>(form: &Form, name: &str) -> Option<T> {
    form.get(name)?.trim().parse().ok()
}

fn party(form: &Form, name: &str) -> Party {
    form.get(name).map_or(Party::Unknown, Party::parse)
}

fn seconds(form: &Form, name: &str) -> Option<Duration> {
    optional(form, name).map(Duration::from_secs)
}

fn millis(form: &Form, name: &str) -> Option<Duration> {
    optional(form, name).map(Duration::from_millis)
}

fn yes(form: &Form, name: &str) -> Option<bool> {
    match form.get(name)? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
