//! `patchbay serve` from outside: nothing implicit.

use std::time::Duration;

use livekit::participant::ParticipantKind;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tests_harness::TestServer;

use crate::caller::Caller;
use crate::running::{API_KEY, Running, soon, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_production_server_lets_callers_meet_and_needs_its_key() {
    let livekit = TestServer::start().await.unwrap();
    let serve = Running::serve(&livekit).await;
    let ask = |path: &str| serve.request(reqwest::Method::POST, path);

    let refused = soon(ask("/room/create").send()).await.unwrap();
    let body = json!({ "roomName": "demo", "hostIdentity": "ann" });
    let created = soon(ask("/room/create").bearer_auth(API_KEY).json(&body).send())
        .await
        .unwrap();
    let body = json!({ "roomName": "demo", "participantIdentity": "bob" });
    let joined = soon(ask("/room/join").bearer_auth(API_KEY).json(&body).send())
        .await
        .unwrap();

    assert_eq!(refused.status(), 401);
    assert_eq!(created.status(), 201);
    let (ann, joined): (Value, Value) =
        (created.json().await.unwrap(), joined.json().await.unwrap());
    assert_eq!(joined["agentPresent"], false);
    let ann = Caller::join(&ann).await;
    let bob = Caller::join(&joined).await;
    until(async || ann.sees(ParticipantKind::Standard)).await;
    bob.says_a_tone(440.0).await;
    assert!(ann.hears_the_tone(440.0).await.share >= 0.95);
    livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_production_server_ends_by_itself_once_its_last_caller_has_left() {
    let livekit = TestServer::start().await.unwrap();
    let mut serve = Running::serve(&livekit).await;
    let create = serve
        .request(reqwest::Method::POST, "/room/create")
        .bearer_auth(API_KEY);
    let created = soon(create.send()).await.unwrap().json().await.unwrap();
    let caller = Caller::join(&created).await;
    until(async || serve.log().contains("a session began")).await;
    // No webhooks are set up here: the server looks by itself.
    let list = || {
        serve
            .request(reqwest::Method::GET, "/sessions")
            .bearer_auth(API_KEY)
            .send()
    };
    until(async || {
        let list: Value = soon(list()).await.unwrap().json().await.unwrap();
        list["sessions"][0]["status"] == "active"
    })
    .await;

    serve.signal(Signal::SIGTERM);
    until(async || serve.get("/readyz").await.status() == 503).await;
    soon(caller.room.close()).await.unwrap();
    let ended = serve.ended().await;

    assert_eq!(ended.code(), Some(0), "{}", serve.log());
    assert!(!serve.log().contains("cut off"), "{}", serve.log());
    livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_killed_has_its_agent_back_in_the_room() {
    let livekit = TestServer::start().await.unwrap();
    let serve = Running::serve_with(&livekit, ECHO).await;
    is_back_after_a_kill(&livekit, serve).await;
    livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_its_records_in_postgres_has_its_agent_back_too() {
    let livekit = TestServer::start().await.unwrap();
    let database = tests_harness::postgres::new_database().unwrap();
    let serve = Running::serve_on(&livekit, ECHO, &database).await;
    is_back_after_a_kill(&livekit, serve).await;
    livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_a_server_that_died_are_taken_over_by_one_that_lives() {
    let livekit = TestServer::start().await.unwrap();
    let database = tests_harness::postgres::new_database().unwrap();
    let dies = Running::serve_on(&livekit, ECHO, &database).await;
    let lives = Running::serve_on(&livekit, ECHO, &database).await;
    let create = dies.request(reqwest::Method::POST, "/room/create");
    let created = soon(create.bearer_auth(API_KEY).send()).await.unwrap();
    let created = created.json().await.unwrap();
    let caller = Caller::join(&created).await;
    until(async || agents(&caller).len() == 1).await;
    let before = agents(&caller);
    until(async || status(&dies, &created).await == "active").await;

    dies.kill().await;
    let stranger = status(&lives, &created).await;
    is_not_seen_for(&database, Duration::from_secs(31)).await;
    until(async || {
        let now = agents(&caller);
        now.len() == 1 && now != before
    })
    .await;

    assert_eq!(stranger, "", "it was the other one's");
    assert_eq!(status(&lives, &created).await, "active");
    livekit.finish().await.unwrap();
}

/// Lets all that servers have said of themselves be older. Those that live say it again.
async fn is_not_seen_for(database: &str, time: Duration) {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(database).await.unwrap();
    let older = format!("UPDATE nodes SET seen_at = seen_at - {}", time.as_millis());
    connection.execute(AssertSqlSafe(older)).await.unwrap();
}

async fn is_back_after_a_kill(livekit: &TestServer, serve: Running) {
    let create = serve
        .request(reqwest::Method::POST, "/room/create")
        .bearer_auth(API_KEY);
    let created = soon(create.send()).await.unwrap().json().await.unwrap();
    let caller = Caller::join(&created).await;
    until(async || agents(&caller).len() == 1).await;
    let before = agents(&caller);
    until(async || status(&serve, &created).await == "active").await;

    let folder = serve.kill().await;
    let serve = Running::serve_in(livekit, folder).await;
    until(async || {
        let now = agents(&caller);
        now.len() == 1 && now != before
    })
    .await;

    assert_eq!(status(&serve, &created).await, "active");
}

/// An agent that is there at once.
const ECHO: &str = "[profiles.echo]\nagent = \"echo\"\n";

/// A receptionist that needs no account.
const RECEPTION: &str = "\
[profiles.reception]
greeting = \"Good day.\"
[[profiles.reception.receptionist.intents]]
ask = [\"where are you\"]
answer = \"We are in the harbour.\"
";

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_was_killed_goes_on_where_it_was() {
    let livekit = TestServer::start().await.unwrap();
    let serve = Running::serve_with(&livekit, RECEPTION).await;
    let create = serve
        .request(reqwest::Method::POST, "/room/create")
        .bearer_auth(API_KEY);
    let created = soon(create.send()).await.unwrap().json().await.unwrap();
    let caller = Caller::join(&created).await;
    caller.reads("Good day.").await;
    caller.types("Where are you?").await;
    until(async || history(&serve, &created).await.contains("in the harbour")).await;

    let folder = serve.kill().await;
    let serve = Running::serve_in(&livekit, folder).await;
    until(async || caller.has_read("in the harbour") == 2).await;
    caller.types("Can you repeat that?").await;
    until(async || caller.has_read("in the harbour") == 3).await;

    assert_eq!(caller.has_read("Good day."), 1);
    assert_eq!(status(&serve, &created).await, "active");
    livekit.finish().await.unwrap();
}

/// Returns the identities of the agents that a caller sees.
fn agents(caller: &Caller) -> Vec<String> {
    let others = caller.room.remote_participants();
    others
        .values()
        .filter(|one| one.kind() == ParticipantKind::Agent)
        .map(|one| one.identity().to_string())
        .collect()
}

async fn status(serve: &Running, created: &Value) -> String {
    let session = session(serve, created).await;
    session["status"].as_str().unwrap_or_default().to_owned()
}

/// Returns what the records hold of a session.
async fn history(serve: &Running, created: &Value) -> String {
    let session = session(serve, created).await;
    let call = session["callId"].as_str().unwrap();
    look(serve, &format!("/api/v1/calls/{call}"))
        .await
        .to_string()
}

async fn session(serve: &Running, created: &Value) -> Value {
    let id = created["sessionId"].as_str().unwrap();
    look(serve, &format!("/sessions/{id}")).await
}

async fn look(serve: &Running, path: &str) -> Value {
    let request = serve
        .request(reqwest::Method::GET, path)
        .bearer_auth(API_KEY);
    soon(request.send()).await.unwrap().json().await.unwrap()
}
