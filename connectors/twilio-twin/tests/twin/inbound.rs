//! Somebody calls, and TwiML says what happens.

use axum::http::StatusCode;
use connectors_twilio_twin::{CallStatus, InboundCall, Reason, ToneVoice, What};
use room_media::{SampleRate, tone};
use tokio::time::timeout;

use crate::app::{App, CALLER, OURS, PATIENCE};

fn call() -> InboundCall {
    InboundCall::new(CALLER, OURS)
}

#[tokio::test]
async fn the_voice_url_is_asked_with_a_signed_form() {
    let app = App::start().await;
    app.page("/voice", "<Hangup/>");
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();

    let asked = app.request("/voice", 0).await;
    assert!(asked.is_signed);
    assert_eq!(asked.headers["host"], "app.test");
    let facts = [
        "CallSid",
        "From",
        "To",
        "Caller",
        "Called",
        "CallStatus",
        "Direction",
        "ApiVersion",
    ];
    assert_eq!(
        facts.map(|name| asked.get(name)),
        [
            call.sid(),
            CALLER,
            OURS,
            CALLER,
            OURS,
            "ringing",
            "inbound",
            "2010-04-01"
        ],
    );
}

#[tokio::test]
async fn the_end_is_told_to_the_number_s_status_callback() {
    let app = App::start().await;
    app.page("/voice", "<Hangup/>");
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    let told = app.request("/status", 0).await;
    assert_eq!(
        (ended.status, ended.reason),
        (CallStatus::Completed, Reason::Hangup)
    );
    assert!(told.is_signed);
    assert_eq!(told.get("CallStatus"), "completed");
    assert_eq!(told.get("SequenceNumber"), "0");
    assert_eq!(told.get("CallbackSource"), "call-progress-events");
}

#[tokio::test]
async fn say_is_heard_for_as_long_as_it_takes() {
    let app = App::start().await;
    app.page("/voice", "<Say>Hello there</Say>");
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    let heard = call.heard();
    let tone = tone::measure(&heard, SampleRate::HZ_8000, ToneVoice::HERTZ);
    assert_eq!(ended.reason, Reason::DocumentEnded);
    assert!(tone.share > 0.99, "{tone:?}");
    assert!((5_280..6_400).contains(&heard.len()), "{}", heard.len());
}

#[tokio::test]
async fn keys_end_a_gather_and_go_to_its_action() {
    let app = App::start().await;
    app.page("/voice", r#"<Gather numDigits="2" action="/menu"><Say>Press two keys, please, whichever you like</Say></Gather>"#);
    app.page("/menu", "<Hangup/>");
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();
    call.event(|what| *what == What::Verb("Gather".into()))
        .await
        .unwrap();
    call.digits("42");

    let asked = app.request("/menu", 0).await;
    assert_eq!(asked.get("Digits"), "42");
    assert_eq!(asked.get("CallStatus"), "in-progress");
    assert_eq!(
        timeout(PATIENCE, call.ended()).await.unwrap().reason,
        Reason::Hangup
    );
}

#[tokio::test]
async fn a_redirect_asks_the_next_document() {
    let app = App::start().await;
    app.page("/voice", "<Redirect>/next?a=b&amp;c=d</Redirect>");
    app.page("/next", r#"<Reject reason="busy"/>"#);
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    let asked = app.request("/next", 0).await;
    assert!(asked.is_signed);
    assert_eq!(asked.get("c"), "d");
    assert_eq!(
        (ended.status, ended.reason),
        (CallStatus::Busy, Reason::Busy)
    );
    assert_eq!(call.heard(), [0_i16; 0]);
}

#[tokio::test]
async fn a_failing_webhook_apologizes_and_hangs_up() {
    let app = App::start().await;
    app.reply(
        "/voice",
        StatusCode::INTERNAL_SERVER_ERROR,
        "text/plain",
        "no",
    );
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    assert_eq!(ended.reason, Reason::ApplicationError);
    assert!(
        call.event(|what| matches!(what, What::Warning { code: 11_200, .. }))
            .await
            .is_some()
    );
    assert!(!call.heard().is_empty());
}

#[tokio::test]
async fn a_hang_up_of_the_person_ends_the_call() {
    let app = App::start().await;
    app.page(
        "/voice",
        r#"<Pause length="1"/><Say>Hello</Say><Pause length="600"/>"#,
    );
    let twin = app.twin().await;

    let call = twin.call_in(call()).unwrap();
    call.event(|what| *what == What::Status(CallStatus::InProgress))
        .await
        .unwrap();
    call.hang_up();

    let ended = timeout(PATIENCE, call.ended()).await.unwrap();
    assert_eq!(
        (ended.status, ended.reason),
        (CallStatus::Completed, Reason::Person)
    );
}

#[tokio::test]
async fn a_stopped_twin_ends_its_calls() {
    let app = App::start().await;
    app.page("/voice", r#"<Say>Hello</Say><Pause length="600"/>"#);
    let twin = app.twin().await;
    let call = twin.call_in(call()).unwrap();
    call.event(|what| *what == What::Status(CallStatus::InProgress))
        .await
        .unwrap();

    timeout(PATIENCE, twin.stop()).await.unwrap();

    assert_eq!(call.ended().await.reason, Reason::Stopped);
}
