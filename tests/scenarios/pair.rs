//! Two servers with the same records, number and contacts, one of which can be cut off from the records.

use std::time::Duration;

use connectors_twilio_twin::{Call, InboundCall, Twin};
use patchbay::config::PhoneAccount;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tests_harness::TestServer;
use tests_harness::postgres::{Relay, new_database};
use tokio::time::{interval, timeout};

use crate::house::{ECHO, free_address, twin, variables};
use crate::resumption::CONTACTS;
use crate::running::{API_KEY, Running, soon, until};
use crate::telephone::{CALLER, hears_back, session, started};
use crate::world::PUBLIC;

/// Where the outside finds the other server.
const OTHER: &str = "https://other.example";

/// A server is taken for gone after half a minute, as soon as somebody looks.
const TAKEOVER: Duration = Duration::from_secs(90);

/// Two servers. The number belongs to the one that can be cut off.
pub(crate) struct Pair {
    pub(crate) livekit: TestServer,
    pub(crate) twin: Twin,
    database: String,
    pub(crate) wire: Relay,
    pub(crate) severed: Running,
    pub(crate) other: Running,
}

impl Pair {
    pub(crate) async fn open() -> Self {
        let livekit = TestServer::start().await.unwrap();
        let database = new_database().unwrap();
        let wire = Relay::to(&database).await.unwrap();
        let servers = [
            (PUBLIC, free_address(), wire.database()),
            (OTHER, free_address(), database.clone()),
        ];
        let places = servers.each_ref().map(|(public, at, _)| (*public, *at));
        let twin = twin(&places).await;
        let mut started = Vec::new();
        let configuration = format!("{ECHO}{CONTACTS}");
        for (public, address, database) in servers {
            let mut told = variables(address, public, twin.url()).to_vec();
            told.push(("DATABASE_URL", database));
            started.push(Running::serve_in_environment(&livekit, &configuration, &told).await);
        }
        let other = started.pop().unwrap();
        let severed = started.pop().unwrap();
        Self {
            livekit,
            twin,
            database,
            wire,
            severed,
            other,
        }
    }

    /// Somebody calls and is connected.
    pub(crate) async fn calls(&self) -> Call {
        let number = PhoneAccount::twin().phone_number.unwrap();
        let call = InboundCall::new(CALLER, &number);
        let call = self.twin.call_in(call).unwrap();
        started(&call, 1).await;
        until(async || status(&self.severed, &session(&call)).await == "active").await;
        call
    }

    /// Kills the server that was cut off. The records are within reach when it starts again.
    pub(crate) async fn dies_mended_and_comes_back(mut self) -> Self {
        let folder = self.severed.kill().await;
        self.wire.mend();
        self.severed = Running::serve_in(&self.livekit, folder).await;
        self
    }

    /// Returns where the escalation of a call stands for whoever takes it over.
    pub(crate) async fn escalation_of(&self, call: &Call) -> String {
        let mut records = PgConnection::connect(&self.database).await.unwrap();
        let kept = sqlx::query_scalar("SELECT state FROM escalations WHERE session_id = $1")
            .bind(session(call))
            .fetch_optional(&mut records);
        kept.await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn takes_a_new_call(&self) {
        let ben = self.calls().await;
        hears_back(&ben, 520.0).await;
        assert_eq!(status(&self.other, &session(&ben)).await, "");
        ben.hang_up();
        let id = session(&ben);
        until(async || record(&self.other, &id).await["reason"] == "caller-left").await;
    }
}

/// Waits until the other server has taken over.
pub(crate) async fn at_last(mut holds: impl AsyncFnMut() -> bool) {
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

/// Returns where a live session stands, or nothing.
pub(crate) async fn status(serve: &Running, id: &str) -> String {
    let session = look(serve, &format!("/sessions/{id}")).await;
    session["status"].as_str().unwrap_or_default().to_owned()
}

pub(crate) async fn record(serve: &Running, id: &str) -> Value {
    look(serve, &format!("/api/v1/calls/{id}")).await
}

pub(crate) async fn look(serve: &Running, path: &str) -> Value {
    let request = serve.request(reqwest::Method::GET, path);
    let answer = soon(request.bearer_auth(API_KEY).send()).await.unwrap();
    answer.json().await.unwrap()
}
