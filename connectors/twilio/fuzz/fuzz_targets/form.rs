//! Webhooks as anybody may send them: read or refused, never a panic; what we sign we accept.
#![no_main]

use connectors_twilio::{
    form::Form,
    signature::Signatures,
    webhook::{
        ConferenceEvent, DialEnded, Gathered, MachineVerdict, RecordingEvent, StatusCallback,
        StreamStatus, VoiceRequest,
    },
};
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

const URL: &str = "https://phone.example/twilio/voice";

fuzz_target!(|body: &[u8]| {
    let Ok(form) = Form::parse(body) else {
        return;
    };
    let _ = (VoiceRequest::read(&form), StatusCallback::read(&form));
    let _ = (Gathered::read(&form), MachineVerdict::read(&form));
    let _ = (StreamStatus::read(&form), DialEnded::read(&form));
    let _ = (ConferenceEvent::read(&form), RecordingEvent::read(&form));
    let signatures = Signatures::new(&SecretString::from("12345"));
    let signature = signatures.sign(URL, &form);
    assert!(signatures.form(URL, form, Some(&signature)).is_ok());
});
