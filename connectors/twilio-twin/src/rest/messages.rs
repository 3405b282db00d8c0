//! Messages: sent, looked at.

use serde_json::{Value, json};

use super::{Refusal, Reply, Request, form::Form};
use crate::{Fate, Message, shell::Letter};

/// In characters.
const LONGEST_BODY: usize = 1_600;
/// What a message of one part holds.
const SEGMENT: usize = 160;

pub(super) fn create(request: &Request<'_>) -> Result<Reply, Refusal> {
    let form = &request.form;
    let to = form
        .get("To")
        .ok_or_else(|| Refusal::bad(21_604, "A 'To' phone number is required."))?;
    let from = form
        .get("From")
        .ok_or_else(|| Refusal::bad(21_603, "A 'From' phone number is required."))?;
    check_addresses(request, from, to)?;
    let content = content(form)?;
    let media: Vec<String> = form.all("MediaUrl");
    let body = form.get("Body").unwrap_or_default();
    if body.is_empty() && media.is_empty() && content.is_none() {
        return Err(Refusal::bad(
            21_619,
            "A text message body or media urls must be specified.",
        ));
    }
    if body.chars().count() > LONGEST_BODY {
        return Err(Refusal::bad(
            21_617,
            "The concatenated message body exceeds the 1600 character limit",
        ));
    }
    let office = request.office;
    let is_template = content.is_some();
    let letter = Letter::new(Message {
        sid: office.sid(if media.is_empty() { "SM" } else { "MM" }),
        from: from.to_owned(),
        to: to.to_owned(),
        body: body.to_owned(),
        media,
        content,
        error: office.registry.fault_of(to, is_template),
    });
    let callback = form.owned("StatusCallback");
    let shown = resource(request, &letter);
    office.post(letter, callback);
    Ok(Reply::created(shown))
}

pub(super) fn list(request: &Request<'_>) -> Result<Reply, Refusal> {
    let form = &request.form;
    let letters = request.office.registry.letters();
    let fits = |name: &str, given: &str| form.get(name).is_none_or(|wanted| given == wanted);
    let messages: Vec<Value> = letters
        .iter()
        .rev()
        .filter(|letter| fits("To", &letter.message.to) && fits("From", &letter.message.from))
        .map(|letter| resource(request, letter))
        .collect();
    Ok(Reply::page(request, "messages", &messages))
}

pub(super) fn fetch(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let letters = request.office.registry.letters();
    let letter = letters.iter().find(|letter| letter.message.sid == sid);
    let letter = letter.ok_or_else(|| Refusal::unknown(request.address))?;
    Ok(Reply::found(resource(request, letter)))
}

fn check_addresses(request: &Request<'_>, from: &str, to: &str) -> Result<(), Refusal> {
    let registry = &request.office.registry;
    let is_whatsapp = from.starts_with("whatsapp:");
    if is_whatsapp != to.starts_with("whatsapp:") || !super::calls::is_callable(to) {
        return Err(Refusal::bad(
            21_211,
            &format!("Invalid 'To' Phone Number: {to}"),
        ));
    }
    if registry.number(from).is_none() {
        let (code, text) = if is_whatsapp {
            (
                63_007,
                "Twilio could not find a Channel with the specified From address",
            )
        } else {
            (
                21_606,
                "The 'From' phone number provided is not a valid message-capable Twilio phone number",
            )
        };
        return Err(Refusal::bad(code, text));
    }
    if registry.fate(to) == Fate::OptedOut {
        return Err(Refusal::bad(
            21_610,
            "Attempt to send to unsubscribed recipient",
        ));
    }
    Ok(())
}

/// Returns the template and its variables.
fn content(form: &Form) -> Result<Option<(String, String)>, Refusal> {
    let variables = form.get("ContentVariables");
    let Some(sid) = form.get("ContentSid") else {
        return match variables {
            Some(_) => Err(Refusal::bad(21_654, "ContentSid Required")),
            None => Ok(None),
        };
    };
    let variables = variables.unwrap_or("{}");
    let is_object = serde_json::from_str::<Value>(variables).is_ok_and(|value| value.is_object());
    if !is_object {
        return Err(Refusal::bad(
            21_656,
            "The ContentVariables Parameter is invalid",
        ));
    }
    Ok(Some((sid.to_owned(), variables.to_owned())))
}

fn resource(request: &Request<'_>, letter: &Letter) -> Value {
    let office = request.office;
    let account = &office.settings.account_sid;
    let message = &letter.message;
    let status = letter.status();
    let date = office.date(letter.created);
    let is_over = matches!(status, "failed" | "undelivered");
    let uri = format!("/2010-04-01/Accounts/{account}/Messages/{}", message.sid);
    let segments = message.body.chars().count().div_ceil(SEGMENT).max(1);
    json!({
        "sid": message.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": message.body,
        "direction": "outbound-api",
        "from": message.from,
        "to": message.to,
        "status": status,
        "num_segments": segments.to_string(),
        "num_media": message.media.len().to_string(),
        "messaging_service_sid": null,
        "price": null,
        "price_unit": "USD",
        "error_code": message.error.filter(|_| is_over),
        "error_message": message.error.filter(|_| is_over).map(|code| format!("See error {code}")),
        "date_created": date,
        "date_updated": date,
        "date_sent": (status != "queued").then_some(date),
        "uri": format!("{uri}.json"),
        "subresource_uris": {"media": format!("{uri}/Media.json")},
    })
}
