//! What is said to Twilio. Nothing but these members: others make it ignore the message.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::sid::StreamSid;

/// Writes sound in place of what `frame` holds: μ-law, one byte per sample, without any header.
pub fn write_media(frame: &mut String, stream: &StreamSid, codes: &[u8]) {
    frame.clear();
    frame.push_str(r#"{"event":"media","streamSid":""#);
    frame.push_str(stream.as_str());
    frame.push_str(r#"","media":{"payload":""#);
    STANDARD.encode_string(codes, frame);
    frame.push_str(r#""}}"#);
}

/// Writes a mark in place of what `frame` holds. It comes back when all sound before it was played.
pub fn write_mark(frame: &mut String, stream: &StreamSid, name: &str) {
    frame.clear();
    frame.push_str(r#"{"event":"mark","streamSid":""#);
    frame.push_str(stream.as_str());
    frame.push_str(r#"","mark":{"name":"#);
    write_text(frame, name);
    frame.push_str("}}");
}

/// Writes, in place of what `frame` holds, that sound which was not played yet is to be dropped. All marks that are
/// still out come back at once.
pub fn write_clear(frame: &mut String, stream: &StreamSid) {
    frame.clear();
    frame.push_str(r#"{"event":"clear","streamSid":""#);
    frame.push_str(stream.as_str());
    frame.push_str(r#""}"#);
}

/// Appends a JSON string.
fn write_text(frame: &mut String, text: &str) {
    frame.push('"');
    for character in text.chars() {
        match character {
            '"' => frame.push_str("\\\""),
            '\\' => frame.push_str("\\\\"),
            '\0'..='\u{1f}' => {
                // Writing to a string cannot fail.
                let _ = write!(frame, "\\u{:04x}", u32::from(character));
            }
            other => frame.push(other),
        }
    }
    frame.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn stream() -> StreamSid {
        StreamSid::new("MZ0123456789abcdef0123456789abcdef").unwrap()
    }

    #[test]
    fn twenty_milliseconds_are_216_characters() {
        let mut frame = String::new();

        write_media(&mut frame, &stream(), &[0xff; 160]);

        let value: Value = serde_json::from_str(&frame).unwrap();
        let payload = value["media"]["payload"].as_str().unwrap();
        assert_eq!(payload.len(), 216);
        assert!(payload.ends_with("=="));
    }

    #[test]
    fn a_clear_takes_the_place_of_what_was_there() {
        let mut frame = "something else".to_owned();

        write_clear(&mut frame, &stream());

        let value: Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(
            value,
            json!({"event": "clear", "streamSid": stream().as_str()})
        );
    }

    proptest! {
        #[test]
        fn any_name_of_a_mark_is_json(name in any::<String>()) {
            let mut frame = String::new();

            write_mark(&mut frame, &stream(), &name);

            let value: Value = serde_json::from_str(&frame).unwrap();
            let wanted = json!({"event": "mark", "streamSid": stream().as_str(), "mark": {"name": name}});
            prop_assert_eq!(value, wanted);
        }
    }
}
