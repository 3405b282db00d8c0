//! What can be made to go wrong does, and as often as it was wanted.

use std::time::Duration;

use axum::http::StatusCode;
use connectors_twilio_twin::{
    Call, CallStatus, InboundCall, Knobs, Number, Reason, Settings, Stalls, Twin, What,
};
use tokio::time::{Instant, timeout};

use crate::{
    api::Api,
    app::{App, CALLER, OURS, PATIENCE, PUBLIC},
};

const STREAM: &str =
    r#"<Connect><Stream url="wss://app.test/stream"/></Connect><Redirect>/resume</Redirect>"#;

async fn twin(app: &App, knobs: Knobs) -> Twin {
    Twin::start(Settings {
        knobs,
        ..app.settings()
    })
    .await
    .unwrap()
}

fn call(twin: &Twin) -> Call {
    twin.call_in(InboundCall::new(CALLER, OURS)).unwrap()
}

#[tokio::test]
async fn webhooks_and_callbacks_are_doubled() {
    let app = App::start().await;
    app.page("/voice", "<Hangup/>");
    let knobs = Knobs {
        callback_copies: 1,
        webhook_copies: 1,
        ..Knobs::default()
    };
    let twin = twin(&app, knobs).await;

    call(&twin);

    let asked = [
        app.request("/voice", 0).await,
        app.request("/voice", 1).await,
    ];
    let told = [
        app.request("/status", 0).await,
        app.request("/status", 1).await,
    ];
    let token =
        |request: &crate::app::Request| request.headers["i-twilio-idempotency-token"].clone();
    assert_eq!(token(&asked[0]), token(&asked[1]));
    assert_eq!(told[0].parameters, told[1].parameters);
}

#[tokio::test]
async fn callbacks_arrive_in_another_order() {
    let app = App::start().await;
    let knobs = Knobs {
        callback_spread: Duration::from_secs(3),
        ..Knobs::default()
    };
    let twin = twin(&app, knobs).await;
    let mut form = vec![
        ("To", CALLER),
        ("From", OURS),
        ("Twiml", "<Response><Hangup/></Response>"),
    ];
    form.push(("StatusCallback", "https://app.test/progress"));
    form.extend(
        ["initiated", "ringing", "answered", "completed"]
            .map(|event| ("StatusCallbackEvent", event)),
    );

    let mut shuffled = false;
    for round in 0..8 {
        Api::of(&twin).post("/Calls.json", &form).await;
        let mut order = Vec::new();
        for index in 0..4 {
            order.push(
                app.request("/progress", round * 4 + index)
                    .await
                    .get("SequenceNumber")
                    .to_owned(),
            );
        }
        shuffled |= !order.is_sorted();
        if shuffled {
            break;
        }
    }

    assert!(shuffled);
}

#[tokio::test]
async fn a_socket_breaks_when_it_was_wanted() {
    let mut app = App::start().await;
    app.page("/voice", STREAM);
    app.page("/resume", "<Hangup/>");
    let knobs = Knobs {
        kill_socket_after: Some(Duration::from_millis(300)),
        ..Knobs::default()
    };
    let twin = twin(&app, knobs).await;

    let call = call(&twin);
    let mut peer = app.socket().await;
    while peer.next().await.is_some() {}

    app.request("/resume", 0).await;
    assert_eq!(
        timeout(PATIENCE, call.ended()).await.unwrap().reason,
        Reason::Hangup
    );
}

#[tokio::test]
async fn a_lost_socket_ends_the_call_when_it_was_wanted() {
    let mut app = App::start().await;
    app.page("/voice", STREAM);
    let knobs = Knobs {
        hang_up_on_lost_socket: true,
        ..Knobs::default()
    };
    let twin = twin(&app, knobs).await;
    let call = call(&twin);
    let mut peer = app.socket().await;
    peer.next_of("start").await.unwrap();

    call.kill_socket();

    let ended = timeout(PATIENCE, call.ended()).await.unwrap();
    assert_eq!(
        (ended.status, ended.reason),
        (CallStatus::Completed, Reason::SocketLost)
    );
}

#[tokio::test]
async fn a_stalled_network_delivers_everything_afterwards() {
    let mut app = App::start().await;
    app.page("/voice", STREAM);
    let stalls = Stalls {
        every: Duration::from_millis(600),
        length: Duration::from_millis(300),
    };
    let twin = twin(
        &app,
        Knobs {
            stalls: Some(stalls),
            ..Knobs::default()
        },
    )
    .await;
    let _call = call(&twin);
    let mut peer = app.socket().await;
    peer.next_of("start").await.unwrap();

    let (mut last, mut longest, mut expected) = (Instant::now(), Duration::ZERO, 1_u64);
    while expected <= 60 {
        let message = peer.next_of("media").await.unwrap();
        assert_eq!(message["media"]["chunk"], expected.to_string());
        longest = longest.max(last.elapsed());
        last = Instant::now();
        expected += 1;
    }

    assert!(longest >= Duration::from_millis(250), "{longest:?}");
}

#[tokio::test]
async fn a_failing_webhook_is_tried_again_as_its_address_says() {
    let app = App::start().await;
    app.reply(
        "/retried",
        StatusCode::SERVICE_UNAVAILABLE,
        "text/plain",
        "no",
    );
    app.reply(
        "/retried",
        StatusCode::SERVICE_UNAVAILABLE,
        "text/plain",
        "no",
    );
    app.page("/retried", "<Hangup/>");
    let mut settings = app.settings();
    settings.numbers = vec![Number::new(OURS).voice(&format!("{PUBLIC}/retried#rc=2&rp=5xx"))];
    let twin = Twin::start(settings).await.unwrap();

    let call = call(&twin);
    let ended = timeout(PATIENCE, call.ended()).await.unwrap();

    let tries = [
        app.request("/retried", 0).await,
        app.request("/retried", 2).await,
    ];
    assert_eq!(ended.reason, Reason::Hangup);
    assert!(tries.iter().all(|request| request.is_signed));
    assert_eq!(
        tries[0].headers["i-twilio-idempotency-token"],
        tries[1].headers["i-twilio-idempotency-token"],
    );
}

#[tokio::test]
async fn the_fallback_is_asked_with_what_was_wrong() {
    let app = App::start().await;
    app.reply("/voice", StatusCode::OK, "text/xml", "<Response>");
    app.page("/fallback", "<Hangup/>");
    let mut settings = app.settings();
    settings.numbers = vec![
        Number::new(OURS)
            .voice(&format!("{PUBLIC}/voice"))
            .fallback(&format!("{PUBLIC}/fallback")),
    ];
    let twin = Twin::start(settings).await.unwrap();

    let call = call(&twin);

    let asked = app.request("/fallback", 0).await;
    assert_eq!(asked.get("ErrorCode"), "12100");
    assert_eq!(asked.get("ErrorUrl"), "https://app.test/voice");
    assert_eq!(
        timeout(PATIENCE, call.ended()).await.unwrap().reason,
        Reason::Hangup
    );
}

#[tokio::test]
async fn lost_callbacks_are_not_told() {
    let app = App::start().await;
    app.page("/voice", "<Hangup/>");
    let twin = twin(
        &app,
        Knobs {
            callback_loss: 1.0,
            ..Knobs::default()
        },
    )
    .await;

    let call = call(&twin);
    timeout(PATIENCE, call.ended()).await.unwrap();

    assert!(
        !call
            .events()
            .iter()
            .any(|event| matches!(event.what, What::CallbackSent { .. }))
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_in_time_has_failed() {
    let app = App::start().await;
    let mut settings = app.settings();
    settings.numbers = vec![Number::new(OURS).voice(&format!("{PUBLIC}/hangs#rt=300"))];
    let twin = Twin::start(settings).await.unwrap();

    let call = call(&twin);
    let failed = call
        .event(|what| matches!(what, What::WebhookFailed { .. }))
        .await
        .unwrap();

    let What::WebhookFailed { code, took, .. } = failed.what else {
        unreachable!()
    };
    assert_eq!(code, 11_200);
    assert!((300..5_000).contains(&took.as_millis()), "{took:?}");
}

#[tokio::test]
async fn a_document_of_more_than_64_kilobytes_is_refused() {
    let app = App::start().await;
    app.page("/voice", &format!("<Say>{}</Say>", "a".repeat(64 * 1024)));
    let twin = app.twin().await;

    let call = call(&twin);

    assert!(
        call.event(|what| matches!(what, What::Warning { code: 11_750, .. }))
            .await
            .is_some()
    );
}

#[tokio::test]
async fn a_webhook_by_get_is_signed_with_its_query() {
    let app = App::start().await;
    app.page(
        "/voice",
        r#"<Redirect method="GET">/got?a=b%20c</Redirect>"#,
    );
    app.page("/got", "<Hangup/>");
    let twin = app.twin().await;

    let call = call(&twin);

    let asked = app.request("/got", 0).await;
    assert!(asked.is_signed);
    assert_eq!([asked.get("a"), asked.get("CallSid")], ["b c", call.sid()]);
}
