//! `patchbay dev` from outside: real program, real LiveKit server, real sound.

use std::time::Duration;

use livekit::participant::ParticipantKind;
use nix::sys::signal::Signal;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::caller::Caller;
use crate::running::{Running, soon, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_tone_said_into_a_room_comes_back_and_the_room_ends_with_the_session() {
    let dev = Running::dev().await;
    let created = dev
        .post(
            "/room/create",
            json!({ "roomName": "demo", "hostIdentity": "ann", "profile": "echo" }),
        )
        .await;
    let caller = Caller::join(&created).await;

    caller.says_a_tone(1000.0).await;
    let echo = caller.hears_the_tone(1000.0).await;

    assert!(echo.share >= 0.95, "{echo:?}");
    assert!(echo.longest_gap <= Duration::from_millis(40), "{echo:?}");
    let room = dev.get_json("/room/demo").await;
    assert_eq!(room["status"], "active");
    assert_eq!(room["agent"]["present"], true);
    assert_eq!(room["participants"].as_array().unwrap().len(), 2, "{room}");

    assert_eq!(dev.delete("/room/demo").await, 204);
    assert_eq!(dev.get("/sessions/web-demo").await.status(), 404);
    until(async || !caller.is_connected()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn livekits_webhooks_reach_the_server_and_move_the_session() {
    let dev = Running::dev().await;
    let created = dev
        .post("/room/create", json!({ "roomName": "demo" }))
        .await;

    let caller = Caller::join(&created).await;
    until(async || dev.get_json("/sessions/web-demo").await["status"] == "active").await;
    until(async || caller.sees(ParticipantKind::Agent)).await;

    soon(caller.room.close()).await.unwrap();
    until(async || dev.get("/sessions/web-demo").await.status() == 404).await;

    let metrics = dev.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("patchbay_webhooks_total{source=\"livekit\",fate=\"accepted\"}"));
    assert!(
        metrics.contains("patchbay_sessions_ended_total{channel=\"web\",reason=\"caller-left\"} 1")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_webhook_is_refused() {
    let dev = Running::dev().await;
    let signed_with_another_secret = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJpc3MiOiJkZXZrZXkiLCJleHAiOjQxMDI0NDQ4MDAsInNoYTI1NiI6IiJ9.\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    for authorization in [signed_with_another_secret, "Bearer x", ""] {
        let request = dev
            .request(reqwest::Method::POST, "/livekit/webhook")
            .header("content-type", "application/webhook+json")
            .header("authorization", authorization)
            .body(r#"{"event":"room_started","id":"EV_1","createdAt":"1700000000"}"#);

        assert_eq!(
            soon(request.send()).await.unwrap().status(),
            401,
            "{authorization}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_server_lets_go_of_everything_and_ends_with_0() {
    let mut dev = Running::dev().await;
    let created = dev.post("/room/create", json!({})).await;
    let caller = Caller::join(&created).await;
    until(async || dev.get_json("/sessions").await["sessions"][0]["status"] == "active").await;

    dev.signal(Signal::SIGTERM);
    until(async || dev.get("/readyz").await.status() == 503).await;
    let refused = dev
        .request(reqwest::Method::POST, "/room/create")
        .send()
        .await
        .unwrap();
    let ended = dev.ended().await;

    assert_eq!(refused.status(), 503);
    assert_eq!(ended.code(), Some(0), "{}", dev.log());
    assert!(dev.log().contains("sessions were cut off"), "{}", dev.log());
    assert!(!dev.livekit_is_up().await);
    until(async || !caller.is_connected()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let mut dev = Running::dev().await;
    let created = dev.post("/room/create", json!({})).await;
    let _caller = Caller::join(&created).await;
    until(async || dev.get_json("/sessions").await["sessions"][0]["status"] == "active").await;

    dev.signal(Signal::SIGINT);
    until(async || dev.get("/readyz").await.status() == 503).await;
    dev.signal(Signal::SIGINT);

    assert_eq!(dev.ended().await.code(), Some(130));
    until(async || !dev.livekit_is_up().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_by_force_takes_its_livekit_server_along() {
    let mut dev = Running::dev().await;
    assert!(dev.livekit_is_up().await);

    dev.signal(Signal::SIGKILL);
    dev.ended().await;

    until(async || !dev.livekit_is_up().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_livekit_server_that_dies_is_started_again() {
    let mut dev = Running::dev().await;

    dev.kill_livekit();
    until(async || dev.log().contains("started again")).await;
    until(async || dev.create_is_accepted("demo").await).await;

    let body = json!({ "roomName": "demo", "participantIdentity": "ann" });
    let caller = Caller::join(&dev.post("/room/join", body).await).await;
    until(async || caller.sees(ParticipantKind::Agent)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_stands_in_the_log() {
    let dev = Running::dev().await;
    let body = json!({ "roomName": "private-room", "hostIdentity": "anns-identity", "hostName": "Ann Smith" });
    let created = dev.post("/room/create", body).await;
    let caller = Caller::join(&created).await;
    until(async || caller.sees(ParticipantKind::Agent)).await;
    assert_eq!(dev.delete("/room/private-room").await, 204);

    let log = dev.log();

    assert!(log.contains("a session ended"), "{log}");
    let token = created["token"].as_str().unwrap();
    for secret in ["private-room", "anns-identity", "Ann Smith", token] {
        assert!(!log.contains(secret), "{secret} in\n{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_survives_a_livekit_server_that_dies() {
    let mut dev = Running::dev().await;
    let created = dev
        .post(
            "/room/create",
            json!({ "roomName": "demo", "hostIdentity": "ann", "profile": "echo" }),
        )
        .await;
    let caller = Caller::join(&created).await;
    until(async || caller.sees(ParticipantKind::Agent)).await;

    dev.kill_livekit();
    until(async || !caller.is_connected()).await;
    until(async || caller.is_connected()).await;
    until(async || caller.sees(ParticipantKind::Agent)).await;
    caller.says_a_tone(1000.0).await;

    assert!(caller.hears_the_tone(1000.0).await.share >= 0.95);
    assert_eq!(dev.get_json("/sessions/web-demo").await["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn rubbish_on_the_socket_harms_nobody() {
    let dev = Running::dev().await;
    let address = dev.url.strip_prefix("http://localhost:").unwrap();
    let address = format!("127.0.0.1:{address}");

    for rubbish in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /room/create HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST /room/create HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        &[b'a'; 1 << 20],
    ] {
        let mut socket = soon(TcpStream::connect(&address)).await.unwrap();
        // The server may hang up before it has read everything.
        drop(socket.write_all(rubbish).await);
        drop(socket.shutdown().await);
        drop(soon(socket.read_to_end(&mut Vec::new())).await);
    }

    assert_eq!(dev.get("/healthz").await.status(), 200);
    assert!(!dev.log().contains("panic"), "{}", dev.log());
}
