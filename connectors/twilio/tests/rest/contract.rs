//! Every request has the path and the fields that Twilio documents, and every documented answer is understood.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use connectors_twilio::{
    rest::{
        Conference, ConferenceState, Content, Instructions, MachineDetection, NewCall, NewMessage,
        NewParticipant, NewRecording, NumberWebhooks, ParticipantState, RestClient, RestError,
    },
    sid::{CallSid, ConferenceSid, PhoneNumberSid, RecordingSid},
    webhook::{AnsweredBy, CallStatus},
};
use serde::Deserialize;
use serde_json::Value;
use time::macros::date;

use crate::server::{ACCOUNT, Answer, Seen, Server};

#[derive(Deserialize)]
struct Documented {
    required: Vec<String>,
    fields: BTreeMap<String, Value>,
    status: u16,
    example: Option<Value>,
}

fn documented(request: &str) -> Documented {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs/rest.json");
    let mut all: BTreeMap<String, Documented> =
        serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    all.remove(request).unwrap()
}

/// Answers with the documented example; checks what was asked.
async fn keeps<T>(
    request: &str,
    ask: impl AsyncFnOnce(RestClient) -> Result<T, RestError>,
) -> (T, Seen) {
    let documented = documented(request);
    let example = documented.example.as_ref().map(Value::to_string);
    let answer = Answer::Body(documented.status, "", example.unwrap_or_default());
    let server = Server::start([answer]).await;

    let answered = ask(server.client()).await.unwrap();

    let seen = server.seen().remove(0);
    let (method, path) = request.split_once(' ').unwrap();
    assert_eq!(seen.method, method);
    let prefix = format!("/2010-04-01/Accounts/{ACCOUNT}");
    let asked = seen.path.strip_prefix(&prefix).unwrap();
    assert!(is_like(path, asked), "{asked} is not {path}");
    // `Basic` of the account and the token.
    let credentials = "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzM2NyZXQ=";
    assert!(seen.head.contains(credentials), "{}", seen.head);
    for required in &documented.required {
        let sent = seen.fields.iter().any(|(name, _)| name == required);
        assert!(sent, "{required} is missing");
    }
    for (name, value) in &seen.fields {
        let field = documented.fields.get(name);
        let field = field.unwrap_or_else(|| panic!("{name} is not documented"));
        assert!(fits(field, value), "{name}={value} does not fit {field}");
    }
    (answered, seen)
}

fn is_like(pattern: &str, path: &str) -> bool {
    let part = |part: &str| part.trim_end_matches(".json").to_owned();
    let (patterns, parts) = (pattern.split('/'), path.split('/'));
    patterns.clone().count() == parts.clone().count()
        && path.ends_with(".json")
        && patterns
            .map(part)
            .zip(parts.map(part))
            .all(|(pattern, part)| pattern.starts_with('{') || pattern == part)
}

fn fits(field: &Value, value: &str) -> bool {
    if let Some(choices) = field["enum"].as_array() {
        return choices.iter().any(|choice| choice == value);
    }
    match field["type"].as_str().unwrap() {
        "boolean" => ["true", "false"].contains(&value),
        "integer" => value.parse::<i64>().is_ok(),
        "array" => fits(&field["items"], value),
        "string" => field["format"] != "uri" || value.is_empty() || value.starts_with("http"),
        other => panic!("{other}"),
    }
}

fn call() -> CallSid {
    CallSid::new("CA00000000000000000000000000000001").unwrap()
}

fn conference() -> ConferenceSid {
    ConferenceSid::new("CF00000000000000000000000000000001").unwrap()
}

#[tokio::test]
async fn a_call_is_placed_with_everything_said() {
    let instructions = Instructions::Url("https://phone.example/voice".into());
    let new = NewCall {
        ring_for: Some(Duration::from_secs(25)),
        at_most: Some(Duration::from_secs(3_600)),
        status_callback: Some("https://phone.example/status".into()),
        machine_detection: Some(MachineDetection::BesideToTheEnd(
            "https://phone.example/amd".into(),
        )),
        ..NewCall::new("+14158675309", "+14158675308", instructions)
    };

    let (placed, seen) = keeps("POST /Calls.json", async |client| {
        client.create_call(&new).await
    })
    .await;

    assert_eq!(placed.status, Some(CallStatus::Completed));
    assert_eq!(placed.to.number(), Some("+14158675309"));
    let events = seen
        .fields
        .iter()
        .filter(|(name, _)| name == "StatusCallbackEvent");
    assert_eq!(events.count(), 4);
}

#[tokio::test]
async fn a_call_is_read_redirected_and_ended() {
    let (read, _) = keeps("GET /Calls/{Sid}.json", async |client| {
        client.call(&call()).await
    })
    .await;
    let (_, redirected) = keeps("POST /Calls/{Sid}.json", async |client| {
        let to = Instructions::Twiml("<Response/>".into());
        client.redirect_call(&call(), &to).await
    })
    .await;
    let (_, ended) = keeps("POST /Calls/{Sid}.json", async |client| {
        client.end_call(&call()).await
    })
    .await;

    assert_eq!(read.answered_by, Some(AnsweredBy::MachineStart));
    assert!(read.created_at.is_some() && read.duration.is_some());
    assert_eq!(redirected.fields, [("Twiml".into(), "<Response/>".into())]);
    assert_eq!(ended.fields, [("Status".into(), "completed".into())]);
}

#[tokio::test]
async fn calls_to_somebody_are_found_again() {
    let (calls, seen) = keeps("GET /Calls.json", async |client| {
        client.calls_to("+14158675309", date!(2026 - 11 - 21)).await
    })
    .await;

    keeps("GET /Calls.json", async |client| {
        client
            .calls_from("+14158675308", date!(2026 - 11 - 21))
            .await
    })
    .await;

    assert!(!calls.is_empty());
    assert!(
        seen.fields
            .contains(&("StartTime>".into(), "2026-11-21".into()))
    );
}

#[tokio::test]
async fn a_conference_is_found_announced_to_and_ended() {
    let (found, _) = keeps("GET /Conferences.json", async |client| {
        client.conferences("room 1").await
    })
    .await;
    keeps("POST /Conferences/{Sid}.json", async |client| {
        client
            .announce(&conference(), "https://phone.example/a")
            .await
    })
    .await;
    keeps("POST /Conferences/{Sid}.json", async |client| {
        client.end_conference(&conference()).await
    })
    .await;

    assert!(!found.is_empty());
}

#[tokio::test]
async fn conferences_that_are_over_are_not_open() {
    let path = "GET /Conferences.json";

    let (open, seen) = keeps(path, async |client| client.open_conferences("talk").await).await;

    assert!(!seen.path.contains("Status"), "{}", seen.path);
    let over = |one: &Conference| one.state == ConferenceState::Completed;
    assert!(!open.iter().any(over));
}

#[tokio::test]
async fn somebody_is_called_into_a_conference_muted_held_and_put_out() {
    let new = NewParticipant {
        to: "+14158675309".into(),
        from: "+14158675308".into(),
        label: Some("thomas".into()),
        ring_for: Some(Duration::from_secs(25)),
        ends_with_them: Some(true),
        beep: Some(false),
        wait_url: Some("https://phone.example/wait".into()),
        status_callback: Some("https://phone.example/status".into()),
        conference_callback: Some("https://phone.example/conference".into()),
    };

    let (added, seen) = keeps(
        "POST /Conferences/{ConferenceSid}/Participants.json",
        async |client| client.add_participant("room 1/é", &new).await,
    )
    .await;
    let (inside, _) = keeps(
        "GET /Conferences/{ConferenceSid}/Participants.json",
        async |client| client.participants(&conference()).await,
    )
    .await;
    let one = "/Conferences/{ConferenceSid}/Participants/{CallSid}.json";
    keeps(&format!("POST {one}"), async |client| {
        client.mute_participant(&conference(), &call(), true).await
    })
    .await;
    keeps(&format!("POST {one}"), async |client| {
        client.hold_participant(&conference(), &call(), false).await
    })
    .await;
    keeps(&format!("DELETE {one}"), async |client| {
        client.remove_participant(&conference(), &call()).await
    })
    .await;

    assert!(seen.path.contains("/room%201%2F%C3%A9/"), "{}", seen.path);
    assert!(matches!(
        added.state,
        ParticipantState::Queued | ParticipantState::Connecting | ParticipantState::Complete
    ));
    assert!(!inside.is_empty());
}

#[tokio::test]
async fn a_call_is_recorded() {
    let recording = RecordingSid::new("RE00000000000000000000000000000001").unwrap();
    let new = NewRecording {
        status_callback: Some("https://phone.example/recording".into()),
        apart: true,
    };

    keeps("POST /Calls/{CallSid}/Recordings.json", async |client| {
        client.start_recording(&call(), &new).await
    })
    .await;
    let (stopped, _) = keeps(
        "POST /Calls/{CallSid}/Recordings/{Sid}.json",
        async |client| client.stop_recording(&call(), &recording).await,
    )
    .await;
    keeps("DELETE /Recordings/{Sid}.json", async |client| {
        client.delete_recording(&recording).await
    })
    .await;

    assert!(!stopped.status.is_empty());
}

#[tokio::test]
async fn texts_and_templates_are_sent() {
    let mut message = NewMessage {
        to: "whatsapp:+14158675309".into(),
        from: "whatsapp:+14158675308".into(),
        content: Content::Text {
            body: "Hello & good-bye".into(),
            media: Some("https://phone.example/picture".into()),
        },
        status_callback: Some("https://phone.example/status".into()),
    };
    let send = async |message: NewMessage| {
        keeps("POST /Messages.json", async |client| {
            client.send_message(&message).await
        })
        .await
    };

    let (sent, seen) = send(message.clone()).await;
    message.content = Content::Template {
        content: "HX00000000000000000000000000000001".into(),
        variables: Some(r#"{"1":"Ann"}"#.into()),
    };
    let (_, template) = send(message).await;

    assert!(!sent.status.is_empty());
    assert!(
        seen.fields
            .contains(&("Body".into(), "Hello & good-bye".into()))
    );
    assert!(
        template
            .fields
            .contains(&("ContentVariables".into(), r#"{"1":"Ann"}"#.into()))
    );
}

#[tokio::test]
async fn a_numbers_webhooks_are_read_and_set() {
    let number = PhoneNumberSid::new("PN00000000000000000000000000000001").unwrap();
    let webhooks = NumberWebhooks {
        voice_url: "https://phone.example/twilio/voice".into(),
        status_callback: "https://phone.example/twilio/status".into(),
    };

    let (found, _) = keeps("GET /IncomingPhoneNumbers.json", async |client| {
        client.phone_number("+14158675310").await
    })
    .await;
    let (set, seen) = keeps("POST /IncomingPhoneNumbers/{Sid}.json", async |client| {
        client.set_webhooks(&number, &webhooks).await
    })
    .await;

    assert!(found.is_none_or(|found| found.number.number() == Some("+14158675310")));
    assert_eq!(
        (set.voice_url, set.voice_method.as_deref()),
        (None, Some("POST"))
    );
    assert!(
        seen.fields
            .contains(&("VoiceApplicationSid".into(), String::new()))
    );
}

#[tokio::test]
async fn the_account_is_read() {
    let body =
        format!(r#"{{"sid":"{ACCOUNT}","status":"active","type":"Trial","friendly_name":"x"}}"#);
    let balance = format!(r#"{{"account_sid":"{ACCOUNT}","balance":"12.50","currency":"USD"}}"#);
    let server = Server::start([Answer::Body(200, "", body), Answer::Body(200, "", balance)]).await;

    let account = server.client().account().await.unwrap();
    let balance = server.client().balance().await.unwrap();

    assert!(account.is_trial());
    assert_eq!(
        (balance.balance.as_str(), balance.currency.as_str()),
        ("12.50", "USD")
    );
    let paths: Vec<_> = server.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(
        paths,
        [
            format!("/2010-04-01/Accounts/{ACCOUNT}.json"),
            format!("/2010-04-01/Accounts/{ACCOUNT}/Balance.json"),
        ]
    );
}
