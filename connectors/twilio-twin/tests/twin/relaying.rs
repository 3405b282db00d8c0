//! ConversationRelay: text instead of sound.

use connectors_twilio_twin::{Call, InboundCall, Reason, Twin, What};
use serde_json::json;
use tokio::time::timeout;

use crate::app::{App, CALLER, OURS, PATIENCE, Peer};

const RELAY: &str = r#"<Connect action="/done"><ConversationRelay url="wss://app.test/stream" dtmfDetection="true"
    welcomeGreeting="Hi"><Parameter name="token" value="t"/></ConversationRelay></Connect><Say>Fallback</Say>"#;

async fn connected(app: &mut App) -> (Twin, Call, Peer) {
    app.page("/voice", RELAY);
    app.page("/done", "<Hangup/>");
    let twin = app.twin().await;
    let call = twin.call_in(InboundCall::new(CALLER, OURS)).unwrap();
    let peer = app.socket().await;
    (twin, call, peer)
}

#[tokio::test]
async fn a_session_begins_with_setup_and_carries_words_and_keys() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;

    let setup = peer.next_of("setup").await.unwrap();
    call.words("I need help");
    let prompt = peer.next_of("prompt").await.unwrap();
    call.digits("1");
    let key = peer.next_of("dtmf").await.unwrap();

    assert!(peer.request.is_signed);
    assert_eq!(setup["callSid"], call.sid());
    assert_eq!(setup["customParameters"], json!({"token": "t"}));
    assert_eq!(
        prompt,
        json!({"type": "prompt", "voicePrompt": "I need help", "lang": "en-US", "last": true})
    );
    assert_eq!(key["digit"], "1");
}

#[tokio::test]
async fn an_end_hands_over_to_the_action() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("setup").await.unwrap();

    peer.send(&json!({"type": "end", "handoffData": "{\"reason\":\"human\"}"}))
        .await;

    let asked = app.request("/done", 0).await;
    assert_eq!(asked.get("SessionStatus"), "ended");
    assert_eq!(asked.get("HandoffData"), "{\"reason\":\"human\"}");
    assert_eq!(
        timeout(PATIENCE, call.ended()).await.unwrap().reason,
        Reason::Hangup
    );
}

#[tokio::test]
async fn a_hang_up_is_told_to_the_action() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("setup").await.unwrap();

    call.hang_up();

    assert_eq!(
        app.request("/done", 0).await.get("SessionStatus"),
        "completed"
    );
    while peer.next().await.is_some() {}
}

#[tokio::test]
async fn a_server_that_closes_the_socket_fails_the_session() {
    let mut app = App::start().await;
    let (_twin, call, mut peer) = connected(&mut app).await;
    peer.next_of("setup").await.unwrap();

    peer.close().await;

    let asked = app.request("/done", 0).await;
    assert_eq!(
        (asked.get("SessionStatus"), asked.get("ErrorCode")),
        ("failed", "64105")
    );
    assert!(
        call.event(|what| matches!(what, What::Warning { code: 64_105, .. }))
            .await
            .is_some()
    );
}
