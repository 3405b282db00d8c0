//! Streams that are started on a running call.

use serde_json::{Value, json};

use super::{Refusal, Reply, Request, calls};
use crate::{
    CallStatus,
    core::{Input, Update},
    twiml::Element,
};

/// Twilio's limit.
const MOST_PARAMETERS: usize = 99;

pub(super) fn start(request: &Request<'_>, call: &str) -> Result<Reply, Refusal> {
    let entry = calls::find(request, call)?;
    let form = &request.form;
    let url = form
        .get("Url")
        .ok_or_else(|| Refusal::bad(21_218, "Url parameter is required."))?;
    if entry.status() != CallStatus::InProgress {
        return Err(Refusal::bad(21_220, "Call is not in-progress."));
    }
    let sid = request.office.sid("MZ");
    let name = form.get("Name").unwrap_or(&sid);
    let mut noun = Element::verb("Stream", "");
    noun.set("url", url);
    noun.set("name", name);
    noun.set("sid", &sid);
    for (parameter, attribute) in [
        ("Track", "track"),
        ("StatusCallback", "statusCallback"),
        ("StatusCallbackMethod", "statusCallbackMethod"),
    ] {
        if let Some(value) = form.get(parameter) {
            noun.set(attribute, value);
        }
    }
    for index in 1..=MOST_PARAMETERS {
        let Some(name) = form.get(&format!("Parameter{index}.Name")) else {
            break;
        };
        let mut parameter = Element::verb("Parameter", "");
        parameter.set("name", name);
        parameter.set(
            "value",
            form.get(&format!("Parameter{index}.Value"))
                .unwrap_or_default(),
        );
        noun.children.push(parameter);
    }
    let mut verb = Element::verb("Start", "");
    verb.children.push(noun);
    entry.send(Input::Update(Update::Verb(verb)));
    Ok(Reply::created(resource(
        request,
        call,
        (&sid, name),
        "in-progress",
    )))
}

pub(super) fn stop(request: &Request<'_>, call: &str, stream: &str) -> Result<Reply, Refusal> {
    let entry = calls::find(request, call)?;
    if request.form.get("Status") != Some("stopped") {
        return Err(Refusal::bad(20_001, "Invalid Status"));
    }
    let mut noun = Element::verb("Stream", "");
    noun.set("name", stream);
    let mut verb = Element::verb("Stop", "");
    verb.children.push(noun);
    entry.send(Input::Update(Update::Verb(verb)));
    Ok(Reply::found(resource(
        request,
        call,
        (stream, stream),
        "stopped",
    )))
}

fn resource(request: &Request<'_>, call: &str, (sid, name): (&str, &str), status: &str) -> Value {
    let account = &request.office.settings.account_sid;
    json!({
        "sid": sid,
        "account_sid": account,
        "call_sid": call,
        "name": name,
        "status": status,
        "date_updated": request.office.date(time::OffsetDateTime::now_utc()),
        "uri": format!("/2010-04-01/Accounts/{account}/Calls/{call}/Streams/{sid}.json"),
    })
}
