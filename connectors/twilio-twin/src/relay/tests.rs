use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{ToneVoice, core::Action, twiml};

fn relay(attributes: &str) -> (Relay, Outbox) {
    let document = format!("<Response><ConversationRelay {attributes}/></Response>");
    let card = Card {
        account_sid: "AC1".into(),
        call_sid: "CA1".into(),
        session_sid: "VX1".into(),
        from: "+15557654321".into(),
        to: "+15550001111".into(),
        direction: "inbound",
        verb: twiml::parse(&document).unwrap().remove(0),
        parameters: Vec::new(),
    };
    let mut relay = Relay::new(card, 1, Arc::new(ToneVoice));
    let mut out = Outbox::default();
    relay.handle_open(&mut out);
    (relay, out)
}

fn sent(out: &mut Outbox) -> Vec<Value> {
    let mut sent = Vec::new();
    while let Some(action) = out.poll() {
        if let Action::SendSocket { text, .. } = action {
            sent.push(serde_json::from_str(&text).unwrap());
        }
    }
    sent
}

fn text(token: &str, last: bool) -> String {
    json!({"type": "text", "token": token, "last": last}).to_string()
}

#[test]
fn words_over_the_reply_cut_it_and_tell_what_was_heard() {
    let (mut relay, mut out) = relay("");
    relay.handle_text(&text("Hello there. How are", false), &mut out);
    relay.handle_text(&text(" you?", true), &mut out);
    // Twelve letters of 60 ms and half of the second sentence.
    for _ in 0..60 {
        relay.play();
    }
    sent(&mut out);

    relay.handle_words("stop", &mut out);

    let told = sent(&mut out);
    assert_eq!(told[0]["type"], "interrupt");
    assert_eq!(told[0]["utteranceUntilInterrupt"], "Hello there. How are");
    assert_eq!(told[0]["durationUntilInterruptMs"], 1_200);
    assert_eq!(
        told[1],
        json!({"type": "prompt", "voicePrompt": "stop", "lang": "en-US", "last": true})
    );
    assert_eq!(relay.play(), [room_media::ulaw::SILENCE; FRAME]);
}

#[test]
fn what_may_not_be_interrupted_is_not() {
    let (mut relay, mut out) = relay(
        r#"interruptible="dtmf" welcomeGreeting="Hello" welcomeGreetingInterruptible="none""#,
    );
    relay.play();
    sent(&mut out);

    relay.handle_words("stop", &mut out);
    relay.handle_key('1', &mut out);

    let told = sent(&mut out);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["type"], "prompt");
}

#[test]
fn ten_messages_in_a_row_that_cannot_be_read_end_it() {
    let (mut relay, mut out) = relay("");
    for _ in 0..9 {
        assert_eq!(relay.handle_text("{", &mut out), None);
    }
    assert_eq!(relay.handle_text(&text("fine", true), &mut out), None);
    for _ in 0..9 {
        assert_eq!(relay.handle_text(r#"{"type":"dance"}"#, &mut out), None);
    }

    assert_eq!(
        relay.handle_text(r#"{"type":"text","token":null}"#, &mut out),
        Some(Over::Malformed)
    );
}

#[test]
fn an_end_carries_what_is_handed_over() {
    let (mut relay, mut out) = relay("");

    let over = relay.handle_text(r#"{"type":"end","handoffData":"{}"}"#, &mut out);

    assert_eq!(
        over,
        Some(Over::Ended {
            handoff: Some("{}".into())
        })
    );
}

proptest! {
    #[test]
    fn nothing_that_arrives_panics(text in "\\PC{0,120}", words in "\\PC{0,20}") {
        let (mut relay, mut out) = relay(r#"partialPrompts="true""#);

        relay.handle_text(&text, &mut out);
        relay.handle_text(&json!({"type": "text", "token": text, "last": true}).to_string(), &mut out);
        relay.play();
        relay.handle_words(&words, &mut out);
    }
}
