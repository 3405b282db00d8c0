use proptest::prelude::*;

use super::*;
use crate::media::{write_mark, write_media};

const STREAM: &str = "MZ0123456789abcdef0123456789abcdef";

fn stream() -> StreamSid {
    StreamSid::new(STREAM).unwrap()
}

fn parse(text: &str) -> Result<Incoming, FrameError> {
    Incoming::parse(&text.replace("MZ…", STREAM))
}

#[test]
fn the_stream_begins_with_who_calls_and_what_was_handed_over() {
    let text = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC0123456789abcdef0123456789abcdef",
        "streamSid":"MZ…","callSid":"CA0123456789abcdef0123456789abcdef","tracks":["inbound"],
        "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
        "customParameters":{"token":"secret"}},"streamSid":"MZ…"}"#;

    let Ok(Incoming::Start(start)) = parse(text) else {
        panic!("no start");
    };

    assert_eq!(start.stream, stream());
    assert!(start.format.is_telephone());
    assert_eq!(start.parameters["token"], "secret");
    assert!(!format!("{start:?}").contains("secret"));
}

#[test]
fn numbers_may_be_strings_and_strings_numbers() {
    let strings = r#"{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"25",
        "payload":"f/8="},"streamSid":"MZ…"}"#;
    let numbers = r#"{"event":"media","sequenceNumber":4,"media":{"track":"inbound","chunk":2,"timestamp":25,
        "payload":"f\/8="},"streamSid":"MZ…"}"#;

    let media = parse(strings);

    let wanted = Media {
        stream: stream(),
        inbound: true,
        timestamp: 25,
        chunk: 2,
        codes: vec![0x7f, 0xff],
    };
    assert_eq!(media, Ok(Incoming::Media(wanted)));
    assert_eq!(parse(numbers), media);
}

#[test]
fn keys_marks_and_the_end_are_read() {
    let key = r#"{"event":"dtmf","streamSid":"MZ…","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}"#;
    let mark = r#"{"event":"mark","sequenceNumber":"4","streamSid":"MZ…","mark":{"name":"m1"}}"#;
    let stop = r#"{"event":"stop","sequenceNumber":"5","streamSid":"MZ…","stop":{"accountSid":"AC…","callSid":"CA…"}}"#;
    let connected = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;

    assert_eq!(
        parse(key),
        Ok(Incoming::Dtmf {
            stream: stream(),
            digit: '1'
        })
    );
    assert_eq!(
        parse(mark),
        Ok(Incoming::Mark {
            stream: stream(),
            name: "m1".to_owned()
        })
    );
    assert_eq!(parse(stop), Ok(Incoming::Stop { stream: stream() }));
    assert_eq!(parse(connected), Ok(Incoming::Connected));
}

#[test]
fn messages_to_come_are_ignored() {
    for text in [
        r#"{"event":"applause"}"#,
        r#"{"event":"applause","media":7,"streamSid":"not an id"}"#,
        r#"{"event":"connected","protocol":{"name":"Call"},"version":2,"more":[1]}"#,
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_no_message_is_an_error() {
    for text in [
        "",
        "hello",
        "[]",
        "{}",
        r#"{"event":7}"#,
        r#"{"event":"media","streamSid":"MZ…"}"#,
        r#"{"event":"media","media":{"payload":"f/8="}}"#,
        r#"{"event":"media","streamSid":"../..","media":{"payload":"f/8="}}"#,
        r#"{"event":"media","streamSid":"MZ…","media":{"payload":"f/8=","chunk":"-1"}}"#,
        r#"{"event":"dtmf","streamSid":"MZ…","dtmf":{"digit":"12"}}"#,
        r#"{"event":"start","start":{}}"#,
    ] {
        assert_eq!(parse(text), Err(FrameError::Garbled), "{text}");
    }
    let odd = r#"{"event":"media","streamSid":"MZ…","media":{"payload":"f/8"}}"#;
    assert_eq!(parse(odd), Err(FrameError::Sound));
    assert_eq!(
        Incoming::parse(&" ".repeat(MAX_FRAME + 1)),
        Err(FrameError::TooLong)
    );
    assert_eq!(
        Incoming::parse(&"[".repeat(MAX_FRAME)),
        Err(FrameError::Garbled)
    );
}

proptest! {
    #[test]
    fn any_text_is_a_message_or_an_error(text in any::<String>(), json in "[{}\\[\\]\":,a-z0-9]{0,80}") {
        let _ = (Incoming::parse(&text), Incoming::parse(&json));
    }

    #[test]
    fn a_message_with_anything_in_it_does_not_break_the_reader(
        event in "connected|start|media|dtmf|mark|stop|[a-z]{1,8}",
        name in "media|start|dtmf|mark|stop|streamSid",
        value in r#"[0-9]{1,3}|"[a-zA-Z0-9+/=]{0,40}"|\{"payload":"[a-zA-Z0-9+/=]{0,40}"\}|\{"name":".{0,5}"\}|null"#,
    ) {
        let _ = parse(&format!(r#"{{"event":"{event}","streamSid":"MZ…","{name}":{value}}}"#));
    }

    #[test]
    fn sound_of_any_length_comes_back_as_it_was_written(codes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let mut frame = String::new();

        write_media(&mut frame, &stream(), &codes);

        let Ok(Incoming::Media(media)) = Incoming::parse(&frame) else {
            panic!("no sound");
        };
        prop_assert_eq!(media.codes, codes);
    }

    #[test]
    fn a_mark_comes_back_with_its_name(name in any::<String>()) {
        let mut frame = String::new();

        write_mark(&mut frame, &stream(), &name);

        prop_assert_eq!(Incoming::parse(&frame), Ok(Incoming::Mark { stream: stream(), name }));
    }
}
