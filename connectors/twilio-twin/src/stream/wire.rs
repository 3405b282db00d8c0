//! The messages of Media Streams.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{Card, Kind};
use crate::FRAME;

/// A message of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ingoing {
    /// μ-law, 8 kHz.
    Media(Vec<u8>),
    Mark(String),
    Clear,
}

/// What Twilio has against a message.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    #[error("Stream - Websocket - Undecodable message: {0}")]
    Undecodable(String),
    #[error("Stream - Protocol - Invalid message: {0}")]
    Protocol(String),
    #[error("Stream - Media - Downstream buffer overflow")]
    TooMuch,
}

impl Wrong {
    pub(super) const fn code(&self) -> u16 {
        match self {
            Self::Undecodable(_) => 31_950,
            Self::Protocol(_) => 31_951,
            Self::TooMuch => 31_931,
        }
    }
}

/// Reads a message for the stream `stream_sid`.
pub(super) fn read(text: &str, stream_sid: &str) -> Result<Ingoing, Wrong> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| Wrong::Undecodable(error.to_string()))?;
    let message = value.as_object().ok_or_else(|| wrong("not an object"))?;
    if message.get("streamSid").and_then(Value::as_str) != Some(stream_sid) {
        return Err(wrong("streamSid is not that of this stream"));
    }
    match message.get("event").and_then(Value::as_str) {
        Some("media") => {
            let payload = string(part(message, "media")?, "payload")?;
            let sound = STANDARD.decode(payload);
            Ok(Ingoing::Media(
                sound.map_err(|_| wrong("payload is not base64"))?,
            ))
        }
        Some("mark") => Ok(Ingoing::Mark(
            string(part(message, "mark")?, "name")?.to_owned(),
        )),
        Some("clear") => {
            only(message, &["event", "streamSid"])?;
            Ok(Ingoing::Clear)
        }
        Some(_) => Err(wrong("an unknown event")),
        None => Err(wrong("no event")),
    }
}

/// Returns the one object that a message has besides its event and its stream.
fn part<'m>(message: &'m Map<String, Value>, name: &str) -> Result<&'m Map<String, Value>, Wrong> {
    only(message, &["event", "streamSid", name])?;
    let part = message.get(name).and_then(Value::as_object);
    part.ok_or_else(|| wrong(&format!("{name} is missing")))
}

/// Returns the one field of an object.
fn string<'m>(part: &'m Map<String, Value>, name: &str) -> Result<&'m str, Wrong> {
    only(part, &[name])?;
    let field = part.get(name).and_then(Value::as_str);
    field.ok_or_else(|| wrong(&format!("{name} is missing")))
}

fn only(object: &Map<String, Value>, known: &[&str]) -> Result<(), Wrong> {
    let extra = object.keys().find(|key| !known.contains(&key.as_str()));
    extra.map_or(Ok(()), |key| {
        Err(wrong(&format!("{key} does not belong here")))
    })
}

fn wrong(what: &str) -> Wrong {
    Wrong::Protocol(what.to_owned())
}

pub(super) fn connected() -> String {
    json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}).to_string()
}

pub(super) fn start(card: &Card, kind: Kind, sequence: u64) -> String {
    let tracks: Vec<&str> = match kind {
        Kind::Both => vec!["inbound"],
        Kind::Copy { inbound, outbound } => {
            let named = [(inbound, "inbound"), (outbound, "outbound")];
            named
                .iter()
                .filter(|(wanted, _)| *wanted)
                .map(|(_, name)| *name)
                .collect()
        }
    };
    let parameters: Map<String, Value> = card
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect();
    json!({
        "event": "start",
        "sequenceNumber": sequence.to_string(),
        "start": {
            "accountSid": card.account_sid,
            "streamSid": card.stream_sid,
            "callSid": card.call_sid,
            "tracks": tracks,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        },
        "streamSid": card.stream_sid,
    })
    .to_string()
}

/// A piece of sound on its way to the server.
pub(super) struct Media<'s> {
    pub(super) track: &'static str,
    pub(super) chunk: u64,
    /// Milliseconds since the stream began.
    pub(super) timestamp: u64,
    pub(super) sound: &'s [u8; FRAME],
}

pub(super) fn media(card: &Card, sequence: u64, media: &Media<'_>) -> String {
    json!({
        "event": "media",
        "sequenceNumber": sequence.to_string(),
        "media": {
            "track": media.track,
            "chunk": media.chunk.to_string(),
            "timestamp": media.timestamp.to_string(),
            "payload": STANDARD.encode(media.sound),
        },
        "streamSid": card.stream_sid,
    })
    .to_string()
}

pub(super) fn dtmf(card: &Card, sequence: u64, digit: char) -> String {
    json!({
        "event": "dtmf",
        "streamSid": card.stream_sid,
        "sequenceNumber": sequence.to_string(),
        "dtmf": {"track": "inbound_track", "digit": digit.to_string()},
    })
    .to_string()
}

pub(super) fn mark(card: &Card, sequence: u64, name: &str) -> String {
    json!({
        "event": "mark",
        "sequenceNumber": sequence.to_string(),
        "streamSid": card.stream_sid,
        "mark": {"name": name},
    })
    .to_string()
}

pub(super) fn stop(card: &Card, sequence: u64) -> String {
    json!({
        "event": "stop",
        "sequenceNumber": sequence.to_string(),
        "streamSid": card.stream_sid,
        "stop": {"accountSid": card.account_sid, "callSid": card.call_sid},
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_three_messages_are_read() {
        let media = r#"{"event":"media","streamSid":"MZ1","media":{"payload":"/////w=="}}"#;
        let mark = r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"m"}}"#;
        let clear = r#"{"event":"clear","streamSid":"MZ1"}"#;

        assert_eq!(read(media, "MZ1"), Ok(Ingoing::Media(vec![0xff; 4])));
        assert_eq!(read(mark, "MZ1"), Ok(Ingoing::Mark("m".into())));
        assert_eq!(read(clear, "MZ1"), Ok(Ingoing::Clear));
    }

    #[test]
    fn messages_against_the_protocol_have_twilios_codes() {
        let cases = [
            ("{", 31_950),
            ("[]", 31_951),
            (r#"{"event":"clear","streamSid":"MZ2"}"#, 31_951),
            (r#"{"event":"clear"}"#, 31_951),
            (r#"{"event":"clear","streamSid":"MZ1","extra":1}"#, 31_951),
            (r#"{"event":"media","streamSid":"MZ1","media":{}}"#, 31_951),
            (
                r#"{"event":"media","streamSid":"MZ1","media":{"payload":"","track":"inbound"}}"#,
                31_951,
            ),
            (
                r#"{"event":"media","streamSid":"MZ1","media":{"payload":"*"}}"#,
                31_951,
            ),
            (r#"{"event":"dance","streamSid":"MZ1"}"#, 31_951),
        ];

        for (message, code) in cases {
            assert_eq!(read(message, "MZ1").unwrap_err().code(), code, "{message}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_arrives_panics(text in "\\PC{0,200}") {
            let _ = read(&text, "MZ1");
        }
    }
}
