//! Media Streams: sound both ways, marks, clear, and the ends of sockets.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use connectors_twilio_twin::{Call, Closed, InboundCall, Reason, Twin, What};
use room_media::{Dbfs, SampleRate, tone, tone::Tone, ulaw};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::app::{App, CALLER, OURS, PATIENCE, Peer};

const CONNECT: &str = r#"<Connect><Stream url="wss://app.test/stream"><Parameter name="token" value="t"/></Stream></Connect><Redirect>/resume</Redirect>"#;

/// A call whose sound goes to the application. The twin has to be kept.
async fn connected(app: &mut App) -> (Twin, Call, Peer) {
    app.page("/voice", CONNECT);
    app.page("/resume", "<Hangup/>");
    let twin = app.twin().await;
    let call = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    let peer = app.socket().await;
    (twin, call, peer)
}

fn media(peer: &Peer, codes: &[u8]) -> Value {
    json!({"event": "media", "streamSid": peer.sid, "media": {"payload": STANDARD.encode(codes)}})
}

fn mark(peer: &Peer, name: &str) -> Value {
    json!({"event": "mark", "streamSid": peer.sid, "mark": {"name": name}})
}

fn tone(hertz: f32, samples: usize) -> Vec<i16> {
    Tone::new(SampleRate::HZ_8000, hertz, Dbfs::new(-12.0)).take(samples)
}

fn codes(samples: &[i16]) -> Vec<u8> {
    let mut codes = Vec::new();
    ulaw::encode_into(samples, &mut codes);
    codes
}

#[tokio::test]
async fn a_stream_begins_with_connected_and_start() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;

    let connected = peer.next().await.unwrap();
    let start = peer.next().await.unwrap();
    let first = peer.next().await.unwrap();

    assert!(peer.request.is_signed);
    assert_eq!(
        connected,
        json!({"event": "connected", "protocol": "Call", "version": "1.0.0"})
    );
    assert_eq!(start["sequenceNumber"], "1");
    assert_eq!(start["start"]["callSid"], call.sid());
    assert_eq!(start["start"]["customParameters"], json!({"token": "t"}));
    assert_eq!(start["start"]["tracks"], json!(["inbound"]));
    assert_eq!(first["sequenceNumber"], "2");
    assert_eq!(first["media"]["chunk"], "1");
    assert_eq!(first["media"]["track"], "inbound");
    assert_eq!(first["media"]["payload"].as_str().unwrap().len(), 216);
}

#[tokio::test]
async fn what_the_person_says_arrives_at_the_application() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    call.say(&tone(600.0, 4_000));

    let mut heard = Vec::new();
    while heard.iter().filter(|sample| **sample != 0).count() < 3_800 {
        let message = peer.next_of("media").await.unwrap();
        let sound = STANDARD
            .decode(message["media"]["payload"].as_str().unwrap())
            .unwrap();
        ulaw::decode_into(&sound, &mut heard);
    }
    let report = tone::measure(&heard, SampleRate::HZ_8000, 600.0);
    assert!(report.share > 0.99, "{report:?}");
}

#[tokio::test]
async fn what_the_application_sends_is_heard_and_its_mark_comes_back_afterwards() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    // Half a second at once: the buffer takes it and plays it at its own pace.
    peer.send(&media(&peer, &codes(&tone(700.0, 4_000)))).await;
    peer.send(&mark(&peer, "said")).await;
    let back = peer.next_of("mark").await.unwrap();

    let heard = call.heard();
    let report = tone::measure(&heard, SampleRate::HZ_8000, 700.0);
    assert_eq!(back["mark"]["name"], "said");
    assert!(report.share > 0.99, "{report:?}");
    assert!(heard.iter().filter(|sample| **sample != 0).count() >= 3_800);
}

#[tokio::test]
async fn a_clear_empties_the_buffer_and_returns_the_marks_at_once() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    peer.send(&media(&peer, &[0; 80_000])).await;
    peer.send(&mark(&peer, "a")).await;
    peer.send(&mark(&peer, "b")).await;
    peer.send(&json!({"event": "clear", "streamSid": peer.sid}))
        .await;

    let names = [
        peer.next_of("mark").await.unwrap(),
        peer.next_of("mark").await.unwrap(),
    ];
    assert_eq!(names.map(|mark| mark["mark"]["name"].clone()), ["a", "b"]);
    let cleared = call
        .event(|what| matches!(what, What::Cleared { .. }))
        .await
        .unwrap();
    let What::Cleared { buffered, marks } = cleared.what else {
        unreachable!()
    };
    assert_eq!(marks, 2);
    assert!(
        (8.0..=10.0).contains(&buffered.as_secs_f64()),
        "{buffered:?}"
    );
}

#[tokio::test]
async fn keys_arrive_as_events() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    call.digits("0#");

    let keys = [
        peer.next_of("dtmf").await.unwrap(),
        peer.next_of("dtmf").await.unwrap(),
    ];
    assert_eq!(
        keys.clone().map(|key| key["dtmf"]["digit"].clone()),
        ["0", "#"]
    );
    assert_eq!(keys[0]["dtmf"]["track"], "inbound_track");
}

#[tokio::test]
async fn a_hang_up_stops_the_stream() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    call.hang_up();

    let stop = peer.next_of("stop").await.unwrap();
    assert_eq!(stop["stop"]["callSid"], call.sid());
    assert_eq!(peer.next().await, None);
    assert_eq!(
        timeout(PATIENCE, call.ended()).await.unwrap().reason,
        Reason::Person
    );
}

#[tokio::test]
async fn a_server_that_closes_the_socket_sends_the_call_to_the_next_verb() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    peer.close().await;

    app.request("/resume", 0).await;
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();
    assert_eq!(ended.reason, Reason::Hangup);
    assert!(call.events().iter().any(|event| matches!(
        event.what,
        What::SocketClosed {
            by: Closed::Server,
            ..
        }
    )));
}

#[tokio::test]
async fn a_killed_socket_sends_the_call_to_the_next_verb() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    call.kill_socket();

    app.request("/resume", 0).await;
    while let Some(message) = peer.next().await {
        assert_ne!(message["event"], "stop", "a dead network says no goodbye");
    }
    assert!(
        call.event(|what| matches!(
            what,
            What::SocketClosed {
                by: Closed::Killed,
                ..
            }
        ))
        .await
        .is_some()
    );
}

#[tokio::test]
async fn messages_against_the_protocol_are_ignored_and_reported_once() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("start").await.unwrap();

    peer.say("rubbish").await;
    peer.say("rubbish").await;
    peer.send(&json!({"event": "clear", "streamSid": "MZ0"}))
        .await;
    peer.send(&json!({"event": "clear", "streamSid": peer.sid, "extra": 1}))
        .await;
    peer.send(&mark(&peer, "after")).await;
    peer.next_of("mark").await.unwrap();

    let warnings: Vec<u16> = call
        .events()
        .into_iter()
        .filter_map(|event| match event.what {
            What::Warning { code, .. } => Some(code),
            _ => None,
        })
        .collect();
    assert_eq!(warnings, [31_950, 31_951]);
}

#[tokio::test]
async fn a_stream_with_a_wrong_address_is_not_opened() {
    let cases = [
        ("ws://app.test/stream", 31_922),
        ("wss://app.test/stream?a=b", 31_920),
    ];
    for (url, code) in cases {
        let app = App::start().await;
        app.page(
            "/voice",
            &format!(r#"<Connect><Stream url="{url}"/></Connect><Hangup/>"#),
        );
        let twin = app.twin().await;

        let call = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
        let ended = timeout(PATIENCE, call.ended()).await.unwrap();

        assert_eq!(ended.reason, Reason::Hangup);
        let fits =
            |what: &What| matches!(what, What::Warning { code: found, .. } if *found == code);
        assert!(call.event(fits).await.is_some(), "{url}");
    }
}
