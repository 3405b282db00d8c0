//! Calls that outlive their server: it is killed in mid-call and started again, and the caller is back in the conversation.

use std::net::SocketAddr;
use std::sync::Arc;

use connectors_twilio_twin::{Call, InboundCall, Number, Route, Settings, Twin, What};
use patchbay::config::PhoneAccount;
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tests_harness::TestServer;

use crate::running::{API_KEY, Running, soon, until};
use crate::telephone::{CALLER, hears_back, room, session, started};
use crate::world::PUBLIC;

/// The agent says the last three seconds back.
const ECHO: &str = "[profiles.echo]\nagent = \"echo\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_server_was_killed_is_called_back_into_the_same_conversation() {
    let house = House::open().await;
    let call = house.connects().await;
    hears_back(&call, 440.0).await;
    let before = house.session_of(&call).await;

    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&call, 2).await;
    hears_back(&call, 700.0).await;

    let after = house.session_of(&call).await;
    assert_eq!(after["status"], "active");
    assert_eq!(after["roomName"], room(&call));
    assert_eq!(after["callId"], before["callId"], "it is one conversation");
    let updated = |what: &What| matches!(what, What::Updated);
    assert!(call.events().iter().any(|event| updated(&event.what)));
    call.hang_up();
    until(async || house.session_of(&call).await["status"].is_null()).await;
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whom_nobody_calls_back_comes_by_themselves() {
    let house = House::open().await;
    let call = house.connects().await;
    hears_back(&call, 440.0).await;

    let house = house.dies_and_comes_back(Rest::Deaf).await;
    started(&call, 2).await;
    hears_back(&call, 700.0).await;

    assert_eq!(house.session_of(&call).await["status"], "active");
    let spoken = |what: &What| matches!(what, What::Verb(verb) if verb.contains("Say"));
    assert!(
        call.events().iter().any(|event| spoken(&event.what)),
        "Twilio asks for patience meanwhile"
    );
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_caller_hung_up_while_nobody_listened_is_over() {
    let house = House::open().await;
    let call = house.connects().await;
    hears_back(&call, 440.0).await;

    let (livekit, folder, place) = house.dies().await;
    call.hang_up();
    soon(call.ended()).await;
    let house = House::at(livekit, folder, place).await;

    until(async || house.session_of(&call).await["status"].is_null()).await;
    let record = house
        .look(&format!("/api/v1/calls/{}", session(&call)))
        .await;
    assert_eq!(record["reason"], "caller-left", "{record}");
    house.livekit.finish().await.unwrap();
}

/// Whether the server that starts again reaches Twilio.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rest {
    Reached,
    Deaf,
}

/// What stays when the server is killed.
struct Place {
    twin: Twin,
    address: SocketAddr,
}

/// The real program on an address that stays, and a twin of Twilio that knows it.
struct House {
    livekit: TestServer,
    serve: Running,
    place: Place,
}

impl House {
    async fn open() -> Self {
        let livekit = TestServer::start().await.unwrap();
        let address = free_address();
        let twin = twin(address).await;
        let place = Place { twin, address };
        let variables = place.variables(place.twin.url());
        let variables = variables
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let serve = Running::serve_in_environment(&livekit, ECHO, &variables).await;
        Self {
            livekit,
            serve,
            place,
        }
    }

    /// The same where one has been.
    async fn at(livekit: TestServer, folder: Arc<TempDir>, place: Place) -> Self {
        let serve = Running::serve_in(&livekit, folder).await;
        Self {
            livekit,
            serve,
            place,
        }
    }

    async fn dies(self) -> (TestServer, Arc<TempDir>, Place) {
        let folder = self.serve.kill().await;
        (self.livekit, folder, self.place)
    }

    async fn dies_and_comes_back(self, rest: Rest) -> Self {
        let (livekit, folder, place) = self.dies().await;
        if rest == Rest::Deaf {
            let nobody = format!("http://{}", free_address());
            Running::set_environment(&folder, &place.variables(&nobody));
        }
        Self::at(livekit, folder, place).await
    }

    /// Somebody calls and is connected.
    async fn connects(&self) -> Call {
        let number = PhoneAccount::twin().phone_number.unwrap();
        let call = InboundCall::new(CALLER, &number);
        let call = self.place.twin.call_in(call).unwrap();
        started(&call, 1).await;
        until(async || self.session_of(&call).await["status"] == "active").await;
        call
    }

    /// Returns the live session of a call.
    async fn session_of(&self, call: &Call) -> Value {
        self.look(&format!("/sessions/{}", session(call))).await
    }

    async fn look(&self, path: &str) -> Value {
        let request = self.serve.request(reqwest::Method::GET, path);
        let answer = soon(request.bearer_auth(API_KEY).send()).await.unwrap();
        answer.json().await.unwrap()
    }
}

impl Place {
    fn variables(&self, twilio: &str) -> [(&'static str, String); 6] {
        let account = PhoneAccount::twin();
        [
            ("PATCHBAY_LISTEN", self.address.to_string()),
            ("WEBHOOK_URL", PUBLIC.to_owned()),
            ("TWILIO_BASE_URL", twilio.to_owned()),
            ("TWILIO_ACCOUNT_SID", account.account_sid),
            (
                "TWILIO_AUTH_TOKEN",
                account.auth_token.expose_secret().to_owned(),
            ),
            ("TWILIO_PHONE_NUMBER", account.phone_number.unwrap()),
        ]
    }
}

async fn twin(address: SocketAddr) -> Twin {
    let account = PhoneAccount::twin();
    Twin::start(Settings {
        account_sid: account.account_sid,
        auth_token: account.auth_token.expose_secret().to_owned(),
        numbers: vec![
            Number::new(&account.phone_number.unwrap())
                .voice(&format!("{PUBLIC}/twilio/voice"))
                .status(&format!("{PUBLIC}/twilio/status")),
        ],
        routes: vec![Route::new(PUBLIC, &format!("http://{address}"))],
        ..Settings::default()
    })
    .await
    .unwrap()
}

/// Returns an address where nobody listens.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
