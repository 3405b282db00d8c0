//! The two referees hear each other on the real server: what they say of ours counts only then.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::time::Duration;

use serde_json::json;
use tests_harness::{Peer, PeerKind, TestServer, listen};

const ROOM: &str = "referees";

#[tokio::test]
async fn stock_libwebrtc_and_chromium_hear_each_other() {
    let server = TestServer::start().await.unwrap();
    let python = joined(&server, PeerKind::Python, "python").await;
    let chromium = joined(&server, PeerKind::Chromium, "chromium").await;
    python.publish_tone(440.0, -20.0).await.unwrap();
    chromium.publish_tone(660.0, -20.0).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let (by_python, by_chromium) = (folder.path().join("p.wav"), folder.path().join("c.wav"));
    let time = Duration::from_secs(5);
    let (one, two) = tokio::join!(
        python.record("chromium", time, &by_python),
        chromium.record("python", time, &by_chromium),
    );
    one.unwrap();
    two.unwrap();

    for (file, hertz) in [(by_python, 660.0), (by_chromium, 440.0)] {
        let heard = listen(&file, hertz).unwrap();
        assert!(heard.share > 0.95, "{heard:?}");
        assert!(heard.duration > Duration::from_secs(4), "{heard:?}");
    }
}

#[tokio::test]
async fn the_referees_exchange_data_streams_and_calls() {
    let server = TestServer::start().await.unwrap();
    let python = joined(&server, PeerKind::Python, "python").await;
    let chromium = joined(&server, PeerKind::Chromium, "chromium").await;
    python
        .event("participant_joined", |e| e["identity"] == "chromium")
        .await
        .unwrap();
    chromium
        .perform("answer_rpc", json!({ "method": "ask" }))
        .await
        .unwrap();

    python.send_data("test", b"hello").await.unwrap();
    chromium
        .perform(
            "send_text",
            json!({ "topic": "test.text", "text": "hello" }),
        )
        .await
        .unwrap();
    let answer = python.rpc("chromium", "ask", "hello").await.unwrap();

    assert_eq!(answer, "chromium:hello");
    let data = chromium
        .event("data", |e| e["topic"] == "test")
        .await
        .unwrap();
    assert_eq!(data.fields["data"], "aGVsbG8=");
    let text = python
        .event("text", |e| e["topic"] == "test.text")
        .await
        .unwrap();
    assert_eq!(text.fields["text"], "hello");
    python.leave().await.unwrap();
    chromium.leave().await.unwrap();
}

async fn joined(server: &TestServer, kind: PeerKind, identity: &str) -> Peer {
    let peer = Peer::start(kind).await.unwrap();
    peer.join(&server.url(), &server.token(ROOM, identity).unwrap())
        .await
        .unwrap();
    peer
}
