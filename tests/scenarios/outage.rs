//! Two servers share their records, and one of them is cut off from these in mid-call.

use std::time::Duration;

use connectors_twilio_twin::{Call, InboundCall, Twin};
use futures_util::FutureExt;
use livekit::participant::ParticipantKind;
use patchbay::config::PhoneAccount;
use serde_json::{Value, json};
use tests_harness::TestServer;
use tests_harness::postgres::{Relay, new_database};
use tokio::time::{interval, timeout};

use crate::caller::Caller;
use crate::house::{ECHO, free_address, twin, variables};
use crate::running::{API_KEY, Running, soon, until};
use crate::telephone::{CALLER, hears_back, room, session, started};
use crate::world::PUBLIC;

/// Where the outside finds the other server.
const OTHER: &str = "https://other.example";

/// A server is taken for gone after half a minute, as soon as somebody looks.
const TAKEOVER: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_cut_off_from_the_records_leaves_its_calls_to_the_other_one() {
    let pair = Pair::open().await;
    let (eve, web) = pair.visits().await;
    let ann = pair.calls().await;
    hears_back(&ann, 440.0).await;
    let before = agents(&eve);

    pair.wire.cut();
    at_last(async || {
        let now = agents(&eve);
        now.len() == 1 && now != before
    })
    .await;
    let taken = agents(&eve);
    started(&ann, 2).await;
    hears_back(&ann, 700.0).await;

    let kept = status(&pair.severed, &web).await;
    assert_eq!(kept, "active", "it cannot know whose it is");
    assert_eq!(agents(&eve), taken, "nobody else is put in");
    pair.wire.mend();
    until(async || status(&pair.severed, &web).await.is_empty()).await;
    hears_back(&ann, 440.0).await;

    assert_eq!(agents(&eve), taken);
    assert_eq!(status(&pair.severed, &session(&ann)).await, "");
    let path = format!("/room/{}", room(&ann));
    let people = look(&pair.other, &path).await["participants"].clone();
    let kinds: Vec<_> = people.as_array().unwrap().iter().collect();
    let agents = kinds.iter().filter(|one| one["kind"] == "agent");
    assert_eq!((kinds.len(), agents.count()), (2, 1), "{people}");
    for id in [&web, &session(&ann)] {
        assert_eq!(status(&pair.other, id).await, "active");
        assert_eq!(record(&pair.severed, id).await["status"], "active");
    }
    pair.takes_a_new_call().await;
    ann.hang_up();
    soon(eve.room.close()).await.unwrap();
    for id in [&web, &session(&ann)] {
        until(async || record(&pair.severed, id).await["reason"] == "caller-left").await;
        assert_eq!(status(&pair.other, id).await, "");
    }
    assert!(pair.twin.next_call().now_or_never().is_none());
    pair.livekit.finish().await.unwrap();
}

/// Two servers. The number belongs to the one that can be cut off.
struct Pair {
    livekit: TestServer,
    twin: Twin,
    wire: Relay,
    severed: Running,
    other: Running,
}

impl Pair {
    async fn open() -> Self {
        let livekit = TestServer::start().await.unwrap();
        let database = new_database().unwrap();
        let wire = Relay::to(&database).await.unwrap();
        let servers = [
            (PUBLIC, free_address(), wire.database()),
            (OTHER, free_address(), database),
        ];
        let places = servers.each_ref().map(|(public, at, _)| (*public, *at));
        let twin = twin(&places).await;
        let mut started = Vec::new();
        for (public, address, database) in servers {
            let mut told = variables(address, public, twin.url()).to_vec();
            told.push(("DATABASE_URL", database));
            started.push(Running::serve_in_environment(&livekit, ECHO, &told).await);
        }
        let other = started.pop().unwrap();
        let severed = started.pop().unwrap();
        Self {
            livekit,
            twin,
            wire,
            severed,
            other,
        }
    }

    /// Somebody comes by the web and meets an agent. Returns the session's id as well.
    async fn visits(&self) -> (Caller, String) {
        let create = self.severed.request(reqwest::Method::POST, "/room/create");
        let created = soon(create.bearer_auth(API_KEY).json(&json!({})).send()).await;
        let created: Value = created.unwrap().json().await.unwrap();
        let id = created["sessionId"].as_str().unwrap().to_owned();
        let caller = Caller::join(&created).await;
        until(async || agents(&caller).len() == 1).await;
        until(async || status(&self.severed, &id).await == "active").await;
        (caller, id)
    }

    /// Somebody calls and is connected.
    async fn calls(&self) -> Call {
        let number = PhoneAccount::twin().phone_number.unwrap();
        let call = InboundCall::new(CALLER, &number);
        let call = self.twin.call_in(call).unwrap();
        started(&call, 1).await;
        until(async || status(&self.severed, &session(&call)).await == "active").await;
        call
    }

    async fn takes_a_new_call(&self) {
        let ben = self.calls().await;
        hears_back(&ben, 520.0).await;
        assert_eq!(status(&self.other, &session(&ben)).await, "");
        ben.hang_up();
        let id = session(&ben);
        until(async || record(&self.other, &id).await["reason"] == "caller-left").await;
    }
}

/// Waits until the other server has taken over.
async fn at_last(mut holds: impl AsyncFnMut() -> bool) {
    let mut glances = interval(Duration::from_millis(50));
    let waiting = async {
        while !holds().await {
            glances.tick().await;
        }
    };
    timeout(TAKEOVER, waiting)
        .await
        .expect("somebody takes over");
}

fn agents(caller: &Caller) -> Vec<String> {
    let others = caller.room.remote_participants();
    let agents = others
        .values()
        .filter(|one| one.kind() == ParticipantKind::Agent);
    agents.map(|one| one.identity().to_string()).collect()
}

/// Returns where a live session stands, or nothing.
async fn status(serve: &Running, id: &str) -> String {
    let session = look(serve, &format!("/sessions/{id}")).await;
    session["status"].as_str().unwrap_or_default().to_owned()
}

async fn record(serve: &Running, id: &str) -> Value {
    look(serve, &format!("/api/v1/calls/{id}")).await
}

async fn look(serve: &Running, path: &str) -> Value {
    let request = serve.request(reqwest::Method::GET, path);
    let answer = soon(request.bearer_auth(API_KEY).send()).await.unwrap();
    answer.json().await.unwrap()
}
