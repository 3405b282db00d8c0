//! The real program with the real LiveKit server and a twin of Twilio, on an address that stays: it can be killed and
//! started again.

use std::net::SocketAddr;
use std::sync::Arc;

use connectors_twilio_twin::{Call, InboundCall, Number, Route, Settings, Twin};
use patchbay::config::PhoneAccount;
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;
use tests_harness::TestServer;

use crate::running::{API_KEY, Running, soon, until};
use crate::telephone::{CALLER, session, started};
use crate::world::PUBLIC;

/// The agent says the last three seconds back.
pub(crate) const ECHO: &str = "[profiles.echo]\nagent = \"echo\"\n";

/// Whether the server that starts again reaches Twilio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    Reached,
    Deaf,
}

/// What stays when the server is killed.
pub(crate) struct Place {
    pub(crate) twin: Twin,
    address: SocketAddr,
}

/// The real program on an address that stays, and a twin of Twilio that knows it.
pub(crate) struct House {
    pub(crate) livekit: TestServer,
    pub(crate) serve: Running,
    pub(crate) place: Place,
}

impl House {
    /// Opens it with this configuration.
    pub(crate) async fn open(configuration: &str) -> Self {
        let livekit = TestServer::start().await.unwrap();
        let address = free_address();
        let twin = twin(&[(PUBLIC, address)]).await;
        let place = Place { twin, address };
        let variables = variables(address, PUBLIC, place.twin.url());
        let serve = Running::serve_in_environment(&livekit, configuration, &variables).await;
        Self {
            livekit,
            serve,
            place,
        }
    }

    /// The same where one has been.
    pub(crate) async fn at(livekit: TestServer, folder: Arc<TempDir>, place: Place) -> Self {
        let serve = Running::serve_in(&livekit, folder).await;
        Self {
            livekit,
            serve,
            place,
        }
    }

    pub(crate) async fn dies(self) -> (TestServer, Arc<TempDir>, Place) {
        let folder = self.serve.kill().await;
        (self.livekit, folder, self.place)
    }

    pub(crate) async fn dies_and_comes_back(self, rest: Rest) -> Self {
        let (livekit, folder, place) = self.dies().await;
        if rest == Rest::Deaf {
            let nobody = format!("http://{}", free_address());
            let variables = variables(place.address, PUBLIC, &nobody);
            Running::set_environment(&folder, &variables);
        }
        Self::at(livekit, folder, place).await
    }

    /// Somebody calls and is connected.
    pub(crate) async fn connects(&self) -> Call {
        let number = PhoneAccount::twin().phone_number.unwrap();
        let call = InboundCall::new(CALLER, &number);
        let call = self.place.twin.call_in(call).unwrap();
        started(&call, 1).await;
        until(async || self.session_of(&call).await["status"] == "active").await;
        call
    }

    /// Returns the live session of a call.
    pub(crate) async fn session_of(&self, call: &Call) -> Value {
        self.look(&format!("/sessions/{}", session(call))).await
    }

    /// Tells whether a text is in the database.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        self.serve.keeps(text)
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.serve.request(method, path)
    }

    pub(crate) async fn look(&self, path: &str) -> Value {
        let request = self.serve.request(reqwest::Method::GET, path);
        let answer = soon(request.bearer_auth(API_KEY).send()).await.unwrap();
        answer.json().await.unwrap()
    }
}

/// Returns what a server is told that listens at this address, is known under another, and reaches Twilio there.
pub(crate) fn variables(
    address: SocketAddr,
    public: &str,
    twilio: &str,
) -> [(&'static str, String); 6] {
    let account = PhoneAccount::twin();
    [
        ("PATCHBAY_LISTEN", address.to_string()),
        ("WEBHOOK_URL", public.to_owned()),
        ("TWILIO_BASE_URL", twilio.to_owned()),
        ("TWILIO_ACCOUNT_SID", account.account_sid),
        (
            "TWILIO_AUTH_TOKEN",
            account.auth_token.expose_secret().to_owned(),
        ),
        ("TWILIO_PHONE_NUMBER", account.phone_number.unwrap()),
    ]
}

/// A twin that finds servers there by their public addresses. The number is [`PUBLIC`]'s.
pub(crate) async fn twin(servers: &[(&str, SocketAddr)]) -> Twin {
    let routes = servers.iter();
    let routes = routes.map(|(public, address)| Route::new(public, &format!("http://{address}")));
    let account = PhoneAccount::twin();
    Twin::start(Settings {
        account_sid: account.account_sid,
        auth_token: account.auth_token.expose_secret().to_owned(),
        numbers: vec![
            Number::new(&account.phone_number.unwrap())
                .voice(&format!("{PUBLIC}/twilio/voice"))
                .status(&format!("{PUBLIC}/twilio/status")),
        ],
        routes: routes.collect(),
        ..Settings::default()
    })
    .await
    .unwrap()
}

/// Returns an address where nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
