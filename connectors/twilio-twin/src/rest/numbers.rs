//! The account and its numbers: what a set-up assistant looks at and corrects.

use serde_json::{Value, json};

use super::{Refusal, Reply, Request};
use crate::shell::OwnNumber;

pub(super) fn account(request: &Request<'_>) -> Result<Reply, Refusal> {
    let office = request.office;
    let sid = &office.settings.account_sid;
    Ok(Reply::found(json!({
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "Twin",
        "status": "active",
        "type": "Full",
        "date_created": office.date(office.epoch),
        "date_updated": office.date(office.epoch),
        "uri": format!("/2010-04-01/Accounts/{sid}.json"),
        "subresource_uris": {},
    })))
}

pub(super) fn balance(request: &Request<'_>) -> Result<Reply, Refusal> {
    let settings = &request.office.settings;
    Ok(Reply::found(json!({
        "account_sid": settings.account_sid,
        "balance": settings.balance,
        "currency": "USD",
    })))
}

pub(super) fn list(request: &Request<'_>) -> Result<Reply, Refusal> {
    let wanted = request.form.get("PhoneNumber");
    let numbers: Vec<Value> = request
        .office
        .registry
        .numbers()
        .iter()
        .filter(|own| wanted.is_none_or(|wanted| own.number.number.contains(wanted)))
        .map(|own| resource(request, own))
        .collect();
    Ok(Reply::page(request, "incoming_phone_numbers", &numbers))
}

pub(super) fn fetch(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let numbers = request.office.registry.numbers();
    let own = numbers.iter().find(|own| own.sid == sid);
    let own = own.ok_or_else(|| Refusal::unknown(request.address))?;
    Ok(Reply::found(resource(request, own)))
}

pub(super) fn update(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let form = &request.form;
    let changed = request.office.registry.change_number(sid, |number| {
        let fields = [
            ("VoiceUrl", &mut number.voice_url),
            ("VoiceFallbackUrl", &mut number.voice_fallback_url),
            ("StatusCallback", &mut number.status_callback),
            ("SmsUrl", &mut number.sms_url),
        ];
        for (name, field) in fields {
            if let Some(url) = form.get(name) {
                *field = Some(url.to_owned());
            }
        }
    });
    let own = changed.ok_or_else(|| Refusal::unknown(request.address))?;
    Ok(Reply::found(resource(request, &own)))
}

fn resource(request: &Request<'_>, own: &OwnNumber) -> Value {
    let account = &request.office.settings.account_sid;
    let number = &own.number;
    let or_empty = |url: &Option<String>| url.clone().unwrap_or_default();
    let date = request.office.date(request.office.epoch);
    json!({
        "account_sid": account,
        "sid": own.sid,
        "phone_number": number.number,
        "friendly_name": number.number,
        "api_version": "2010-04-01",
        "capabilities": {"voice": true, "sms": true, "mms": true, "fax": false},
        "address_sid": null,
        "identity_sid": null,
        "bundle_sid": null,
        "trunk_sid": null,
        "sms_application_sid": null,
        "voice_application_sid": null,
        "emergency_status": "Inactive",
        "emergency_address_sid": null,
        "emergency_address_status": "unregistered",
        "type": "local",
        "beta": false,
        "origin": "twilio",
        "address_requirements": "none",
        "date_created": date,
        "date_updated": date,
        "voice_url": or_empty(&number.voice_url),
        "voice_method": "POST",
        "voice_fallback_url": or_empty(&number.voice_fallback_url),
        "voice_fallback_method": "POST",
        "voice_caller_id_lookup": false,
        "voice_receive_mode": "voice",
        "status_callback": or_empty(&number.status_callback),
        "status_callback_method": "POST",
        "sms_url": or_empty(&number.sms_url),
        "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_fallback_method": "POST",
        "status": "in-use",
        "uri": format!("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json", own.sid),
    })
}
