//! Calls: placed, looked at, redirected, ended.

use std::time::Duration;

use serde_json::Value;
use time::{
    Date, OffsetDateTime,
    format_description::well_known::{Iso8601, Rfc3339},
};
use url::Url;

use super::{Refusal, Reply, Request, form::Form, recordings};
use crate::{
    CallStatus,
    core::{Callback, Detection, Direction, First, Input, Plan, Update},
    shell::{Entry, Placing},
};

/// How long it rings when nothing is said.
const RINGS: Duration = Duration::from_mins(1);
const RINGS_AT_MOST: Duration = Duration::from_mins(10);

/// The longest document that may come with a request.
const LONGEST_DOCUMENT: usize = 4_000;

pub(super) fn create(request: &Request<'_>) -> Result<Reply, Refusal> {
    let form = &request.form;
    let (from, to) = parties(request)?;
    let plan = Plan {
        first: first(form)?,
        timeout: form.seconds("Timeout").unwrap_or(RINGS).min(RINGS_AT_MOST),
        detection: detection(form),
        digits: send_digits(form)?,
        time_limit: form.seconds("TimeLimit"),
        meets: None,
    };
    let placing = Placing {
        from,
        to,
        direction: Direction::OutboundApi,
        parent: None,
        callback: callback(form)?,
        plan,
        record: form
            .flag("Record", false)
            .then(|| recordings::wish(form, "OutboundAPI")),
        stands_for: None,
        extra: Vec::new(),
    };
    let entry = request.office.place(placing);
    Ok(Reply::created(entry.json()))
}

pub(super) fn list(request: &Request<'_>) -> Result<Reply, Refusal> {
    let form = &request.form;
    let fits = |name: &str, given: &Value| form.get(name).is_none_or(|wanted| given == wanted);
    let calls: Vec<Value> = request
        .office
        .registry
        .calls()
        .iter()
        .rev()
        .filter(|entry| began_when_wanted(form, entry))
        .map(Entry::json)
        .filter(|call| {
            fits("To", &call["to"])
                && fits("From", &call["from"])
                && fits("Status", &call["status"])
                && fits("ParentCallSid", &call["parent_call_sid"])
        })
        .collect();
    Ok(Reply::page(request, "calls", &calls))
}

/// Returns whether a call fits `StartTime`, `StartTime>` and `StartTime<`, which are days or moments.
fn began_when_wanted(form: &Form, entry: &Entry) -> bool {
    let began = entry.began();
    let wanted = |name: &str| form.get(name).and_then(moment);
    wanted("StartTime").is_none_or(|day| began.date() == day.date())
        && wanted("StartTime>").is_none_or(|first| began >= first)
        && wanted("StartTime<").is_none_or(|last| began <= last)
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    let day = Date::parse(text, &Iso8601::DATE).map(|day| day.midnight().assume_utc());
    day.or_else(|_| OffsetDateTime::parse(text, &Rfc3339)).ok()
}

pub(super) fn fetch(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    Ok(Reply::found(find(request, sid)?.json()))
}

pub(super) fn update(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let entry = find(request, sid)?;
    let form = &request.form;
    let status = entry.status();
    let not_running = || Refusal::bad(21_220, "Call is not in-progress. Cannot redirect.");
    let update = match form.get("Status") {
        Some("completed") if !status.is_final() => Update::HangUp,
        Some("canceled") if matches!(status, CallStatus::Queued | CallStatus::Ringing) => {
            Update::HangUp
        }
        Some("completed" | "canceled") => return Err(not_running()),
        Some(_) => return Err(Refusal::bad(20_001, "Invalid Status")),
        None if status != CallStatus::InProgress => return Err(not_running()),
        None => match (form.get("Url"), form.get("Twiml")) {
            (Some(url), _) => Update::Fetch {
                url: address(url)?,
                method: form.method("Method"),
            },
            (None, Some(document)) => Update::Document(short(document)?),
            (None, None) => return Err(Refusal::bad(21_218, "Nothing to update")),
        },
    };
    let ends = update == Update::HangUp;
    if !entry.send(Input::Update(update)) {
        return Err(Refusal::new(503, 20_503, "Service Unavailable"));
    }
    let mut body = entry.json();
    if ends {
        let word = if status == CallStatus::InProgress {
            "completed"
        } else {
            "canceled"
        };
        body["status"] = word.into();
    }
    Ok(Reply::found(body))
}

pub(super) fn find(request: &Request<'_>, sid: &str) -> Result<Entry, Refusal> {
    let path = format!(
        "/2010-04-01/Accounts/{}/Calls/{sid}.json",
        request.office.settings.account_sid
    );
    request
        .office
        .registry
        .call(sid)
        .ok_or_else(|| Refusal::unknown(&path))
}

/// Returns who calls whom, if Twilio lets them.
pub(super) fn parties(request: &Request<'_>) -> Result<(String, String), Refusal> {
    let form = &request.form;
    let to = form
        .get("To")
        .ok_or_else(|| Refusal::bad(21_201, "No 'To' number is specified"))?;
    let from = form
        .get("From")
        .ok_or_else(|| Refusal::bad(21_213, "No 'From' number is specified"))?;
    if !is_callable(to) || to == from {
        let text = format!("The phone number you are attempting to call, {to}, is not valid.");
        return Err(Refusal::bad(21_211, &text));
    }
    if !is_callable(from) {
        return Err(Refusal::bad(
            21_212,
            &format!("Invalid From Number (caller ID): {from}"),
        ));
    }
    let is_ours = request.office.registry.number(from).is_some() || from.starts_with("client:");
    if !is_ours {
        let text = format!(
            "The source phone number provided, {from}, is not yet verified for your account. You may only make \
             calls from phone numbers that you've verified or purchased from Twilio."
        );
        return Err(Refusal::bad(21_210, &text));
    }
    if let Some((code, status, text)) = request.office.registry.persona(to).refusal(to) {
        return Err(Refusal::new(status, code, &text));
    }
    Ok((from.to_owned(), to.to_owned()))
}

/// Returns whether Twilio can call such an address: E.164, or one of the other networks.
pub(super) fn is_callable(address: &str) -> bool {
    if address.starts_with("client:") || address.starts_with("sip:") {
        return true;
    }
    let number = address.strip_prefix("whatsapp:").unwrap_or(address);
    let digits = number.strip_prefix('+').unwrap_or_default();
    (8..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

fn first(form: &Form) -> Result<First, Refusal> {
    match (form.get("Url"), form.get("Twiml")) {
        (Some(url), _) => Ok(First::Fetch {
            url: address(url)?,
            method: form.method("Method"),
            fallback: form.owned("FallbackUrl"),
        }),
        (None, Some(document)) => Ok(First::Document(short(document)?)),
        (None, None) => Err(Refusal::bad(21_205, "Url parameter is required.")),
    }
}

fn address(url: &str) -> Result<String, Refusal> {
    let is_web = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web {
        Ok(url.to_owned())
    } else {
        Err(Refusal::bad(
            21_205,
            &format!("Url is not a valid URL: {url}"),
        ))
    }
}

fn short(document: &str) -> Result<String, Refusal> {
    if document.len() > LONGEST_DOCUMENT {
        return Err(Refusal::bad(20_001, "Twiml parameter is too long"));
    }
    Ok(document.to_owned())
}

fn send_digits(form: &Form) -> Result<Option<String>, Refusal> {
    let Some(digits) = form.get("SendDigits") else {
        return Ok(None);
    };
    let known = |key| matches!(key, '0'..='9' | 'A'..='D' | '#' | '*' | 'w' | 'W');
    if digits.len() > 32 || !digits.chars().all(known) {
        return Err(Refusal::bad(21_206, "SendDigits is invalid"));
    }
    Ok(Some(digits.to_owned()))
}

pub(super) fn callback(form: &Form) -> Result<Option<Callback>, Refusal> {
    let Some(url) = form.get("StatusCallback") else {
        return Ok(None);
    };
    let mut events = form.all("StatusCallbackEvent");
    if events.is_empty() {
        events.push("completed".into());
    }
    Ok(Some(Callback {
        url: address(url)?,
        method: form.method("StatusCallbackMethod"),
        events,
    }))
}

pub(super) fn detection(form: &Form) -> Option<Detection> {
    let until_end = match form.get("MachineDetection") {
        Some("DetectMessageEnd") => true,
        Some("Enable" | "true") => false,
        _ => return None,
    };
    let standard = Detection::default();
    let is_async = form.flag("AsyncAmd", false);
    let method = form.method("AsyncAmdStatusCallbackMethod");
    let callback = form.owned("AsyncAmdStatusCallback");
    Some(Detection {
        until_end,
        timeout: form
            .seconds("MachineDetectionTimeout")
            .unwrap_or(standard.timeout),
        speech: form
            .milliseconds("MachineDetectionSpeechThreshold")
            .unwrap_or(standard.speech),
        speech_end: form
            .milliseconds("MachineDetectionSpeechEndThreshold")
            .unwrap_or(standard.speech_end),
        silence: form
            .milliseconds("MachineDetectionSilenceTimeout")
            .unwrap_or(standard.silence),
        callback: callback.filter(|_| is_async).map(|url| (url, method)),
        is_async,
    })
}
