//! Recordings of calls.

use std::sync::Arc;

use serde_json::Value;

use super::{Refusal, Reply, Request, calls, form::Form};
use crate::{
    CallStatus,
    shell::{Recording, Wish},
};

pub(super) fn start(request: &Request<'_>, call: &str) -> Result<Reply, Refusal> {
    let entry = calls::find(request, call)?;
    if entry.status() != CallStatus::InProgress {
        return Err(Refusal::bad(
            21_220,
            "Requested resource is not eligible for recording",
        ));
    }
    let recording = request
        .office
        .record(&entry, wish(&request.form, "StartCallRecordingAPI"));
    Ok(Reply::created(recording.json()))
}

pub(super) fn list(request: &Request<'_>, call: Option<&str>) -> Result<Reply, Refusal> {
    let wanted = call.or_else(|| request.form.get("CallSid"));
    let recordings: Vec<Value> = request
        .office
        .registry
        .recordings()
        .iter()
        .rev()
        .filter(|recording| wanted.is_none_or(|call| recording.call_sid == call))
        .map(|recording| recording.json())
        .collect();
    Ok(Reply::page(request, "recordings", &recordings))
}

pub(super) fn fetch(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    if let Some(sid) = sid.strip_suffix(".wav") {
        let sound = find(request, sid)?.wav();
        return sound
            .map(Reply::wav)
            .ok_or_else(|| Refusal::unknown(request.address));
    }
    Ok(Reply::found(find(request, sid)?.json()))
}

/// `Twilio.CURRENT` is the newest that runs.
pub(super) fn update(request: &Request<'_>, call: &str, sid: &str) -> Result<Reply, Refusal> {
    let recordings = request.office.registry.recordings();
    let fits = |recording: &&Arc<Recording>| {
        recording.call_sid == call
            && (recording.sid == sid || (sid == "Twilio.CURRENT" && recording.is_running()))
    };
    let recording = recordings.iter().rev().find(fits);
    let recording = recording.ok_or_else(|| Refusal::unknown(request.address))?;
    if !recording.is_running() {
        return Err(Refusal::bad(21_220, "Invalid recording state"));
    }
    match request.form.get("Status") {
        Some("stopped") => request.office.finish(recording),
        Some("paused") => recording.pause(true, request.form.get("PauseBehavior") == Some("skip")),
        Some("in-progress") => recording.pause(false, false),
        _ => return Err(Refusal::bad(20_001, "Invalid Status")),
    }
    Ok(Reply::found(recording.json()))
}

pub(super) fn remove(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    find(request, sid)?;
    request.office.registry.remove_recording(sid);
    Ok(Reply::gone())
}

pub(super) fn wish(form: &Form, source: &'static str) -> Wish {
    Wish {
        source,
        is_dual: form.get("RecordingChannels") == Some("dual"),
        callback: form
            .owned("RecordingStatusCallback")
            .map(|url| (url, form.method("RecordingStatusCallbackMethod"))),
        events: form.all("RecordingStatusCallbackEvent"),
    }
}

fn find(request: &Request<'_>, sid: &str) -> Result<Arc<Recording>, Refusal> {
    let recordings = request.office.registry.recordings();
    let recording = recordings
        .into_iter()
        .find(|recording| recording.sid == sid);
    recording.ok_or_else(|| Refusal::unknown(request.address))
}
