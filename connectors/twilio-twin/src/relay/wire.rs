//! The messages of ConversationRelay.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::Card;

/// A message of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ingoing {
    Text {
        token: String,
        last: bool,
        interruptible: bool,
    },
    Play {
        interruptible: bool,
    },
    Digits(String),
    Language(Option<String>),
    End(Option<String>),
}

/// Reads a message, or says what is wrong with it.
pub(super) fn read(text: &str) -> Result<Ingoing, String> {
    let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let field = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
    let needed = |name: &str| field(name).ok_or_else(|| format!("{name} is missing"));
    let flag = |name: &str, otherwise| {
        message
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(otherwise)
    };
    let interruptible = flag("interruptible", true);
    match needed("type")?.as_str() {
        "text" => Ok(Ingoing::Text {
            token: needed("token")?,
            last: flag("last", false),
            interruptible,
        }),
        "play" => needed("source").map(|_| Ingoing::Play { interruptible }),
        "sendDigits" => {
            let digits = needed("digits")?;
            let known = |key| matches!(key, '0'..='9' | 'w' | '#' | '*');
            if digits.chars().all(known) {
                Ok(Ingoing::Digits(digits))
            } else {
                Err("digits are wrong".into())
            }
        }
        "language" => match (field("transcriptionLanguage"), field("ttsLanguage")) {
            (None, None) => Err("no language".into()),
            (heard, _) => Ok(Ingoing::Language(heard)),
        },
        "end" => Ok(Ingoing::End(field("handoffData"))),
        other => Err(format!("unknown type {other:?}")),
    }
}

pub(super) fn setup(card: &Card) -> String {
    let parameters: Map<String, Value> = card
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    let is_inbound = card.direction == "inbound";
    json!({
        "type": "setup",
        "sessionId": card.session_sid,
        "accountSid": card.account_sid,
        "parentCallSid": "",
        "callSid": card.call_sid,
        "from": card.from,
        "to": card.to,
        "forwardedFrom": "",
        "callerName": "",
        "direction": card.direction,
        "callType": if card.from.starts_with("client:") { "CLIENT" } else { "PSTN" },
        "callStatus": if is_inbound { "RINGING" } else { "IN_PROGRESS" },
        "customParameters": parameters,
    })
    .to_string()
}

pub(super) fn prompt(words: &str, language: &str, last: bool) -> String {
    json!({"type": "prompt", "voicePrompt": words, "lang": language, "last": last}).to_string()
}

pub(super) fn interrupt(heard: &str, after: Duration) -> String {
    let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    json!({"type": "interrupt", "utteranceUntilInterrupt": heard, "durationUntilInterruptMs": after}).to_string()
}

pub(super) fn dtmf(key: char) -> String {
    json!({"type": "dtmf", "digit": key.to_string()}).to_string()
}

pub(super) fn error(wrong: &str) -> String {
    json!({"type": "error", "description": format!("Invalid message received: {wrong}")})
        .to_string()
}
