//! A server with rooms in memory, called without a socket. The clock is paused: it jumps when all wait.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use patchbay::config::{Access, Mode, Phone, PhoneAccount, Profiles, SessionLimits, Web};
use patchbay::dial::Policy;
use patchbay::escalation::Staff;
use patchbay::http::Addresses;
use patchbay::invitation::Invitations;
use patchbay::server::{Ground, Server};
use patchbay::sessions::{Agent, Drained};
use patchbay::store::Store;
use room_contract::memory::{MemoryRooms, SignedWebhook};
use room_contract::{JoinOptions, Joined, ParticipantKind, RoomName, Rooms, Token};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::agents::Attendant;
use crate::place::Place;

/// Answers of this API are small.
const LARGEST_ANSWER: usize = 1 << 20;

/// Where the outside finds the server.
pub(crate) const PUBLIC: &str = "https://voice.example";

/// What may be chosen about a world.
pub(crate) struct Choices {
    pub(crate) access: Access,
    pub(crate) limits: SessionLimits,
    pub(crate) grace: Duration,
    pub(crate) agent: Option<Arc<dyn Agent>>,
    pub(crate) mode: Mode,
    /// What holds in this mode when nothing is chosen.
    pub(crate) web: Option<Web>,
    pub(crate) profiles: Profiles,
    pub(crate) account: Option<PhoneAccount>,
    pub(crate) phone: Phone,
    pub(crate) dialling: Policy,
    pub(crate) staff: Staff,
    pub(crate) place: Place,
    /// Where it answers on sockets; somewhere, when nobody says.
    pub(crate) listener: Option<TcpListener>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            access: Access::Loopback,
            limits: SessionLimits::default(),
            grace: Duration::from_secs(30),
            agent: None,
            mode: Mode::Serve,
            web: None,
            profiles: Profiles::default(),
            account: None,
            phone: Phone::default(),
            dialling: Policy::default(),
            staff: Staff::default(),
            place: Place::file(),
            listener: None,
        }
    }
}

/// A running server and the rooms it uses.
pub(crate) struct World {
    pub(crate) rooms: MemoryRooms,
    pub(crate) drain: CancellationToken,
    pub(crate) store: Store,
    pub(crate) invitations: Invitations,
    /// Where it answers on sockets.
    pub(crate) address: SocketAddr,
    /// Kept as long as the world.
    place: Option<Place>,
    router: Router,
    running: JoinHandle<Drained>,
    postman: JoinHandle<()>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    /// A server without an agent.
    pub(crate) async fn new() -> Self {
        Self::with(|_| Choices::default()).await
    }

    /// A server whose agent attends every room that wants one.
    pub(crate) async fn with_agent() -> Self {
        Self::with_agent_at(Place::file()).await
    }

    /// The same with records in this place.
    pub(crate) async fn with_agent_at(place: Place) -> Self {
        Self::with(|rooms| Choices {
            place,
            agent: Some(Arc::new(Attendant::new(rooms.clone()))),
            ..Choices::default()
        })
        .await
    }

    pub(crate) async fn with(choose: impl FnOnce(&MemoryRooms) -> Choices) -> Self {
        let rooms = MemoryRooms::new();
        let choices = choose(&rooms);
        Self::among(rooms, choices).await
    }

    /// A server that finds these rooms.
    pub(crate) async fn among(rooms: MemoryRooms, choices: Choices) -> Self {
        let (store, writer, left_behind) = choices.place.open_store().await;
        let drain = CancellationToken::new();
        let ground = Ground {
            mode: choices.mode,
            access: choices.access,
            sessions: choices.limits,
            web: choices.web.unwrap_or_else(|| Web::default_of(choices.mode)),
            account: choices.account,
            phone: choices.phone,
            dialling: choices.dialling,
            grace: choices.grace,
            addresses: Addresses {
                patchbay: PUBLIC.parse().unwrap(),
                livekit: "wss://livekit.example".to_owned(),
            },
            rooms: Arc::new(rooms.clone()),
            agent: choices.agent,
            metrics: patchbay::metrics::Metrics::default(),
            profiles: Arc::new(choices.profiles),
            store: store.clone(),
            writer,
            left_behind,
            staff: choices.staff,
        };
        let server = Server::new(ground, drain.clone());
        let router = server.router();
        let invitations = server.invitations();
        let mut health = server.health();
        let listener = match choices.listener {
            Some(listener) => listener,
            None => TcpListener::bind("127.0.0.1:0").await.unwrap(),
        };
        let address = listener.local_addr().unwrap();
        let postman = tokio::spawn(deliver(rooms.clone(), router.clone()));
        let running = tokio::spawn(server.run(listener));
        health.well().await;
        Self {
            rooms,
            drain,
            store,
            invitations,
            address,
            place: Some(choices.place),
            router,
            running,
            postman,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(request(Method::DELETE, path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body, &[]).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = request(Method::POST, path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let _hold = hold_the_clock();
        answer(&self.router, request).await
    }

    /// Sends a request whose answer goes on and on.
    pub(crate) async fn open(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Returns where records are.
    pub(crate) fn place(&self) -> &Place {
        self.place.as_ref().unwrap()
    }

    /// Creates a room, which has to succeed.
    pub(crate) async fn create(&self, body: &Value) -> Answer {
        self.post("/room/create", body).await.expecting(201)
    }

    /// Lets somebody in and joins as them.
    pub(crate) async fn join(&self, room: &str, identity: &str) -> Joined {
        let body = json!({ "roomName": room, "participantIdentity": identity });
        let answer = self.post("/room/join", &body).await.expecting(200);
        self.enter(answer.json()["token"].as_str().unwrap()).await
    }

    /// Joins with a token.
    pub(crate) async fn enter(&self, token: &str) -> Joined {
        self.rooms
            .join(&Token::new(token), JoinOptions::default())
            .await
            .unwrap()
    }

    /// Waits until an agent is in a room, and returns its attributes.
    pub(crate) async fn sees_an_agent(&self, room: &str) -> room_contract::Attributes {
        let room = RoomName::new(room).unwrap();
        let seen = async {
            loop {
                let people = self.rooms.participants(&room).await.unwrap();
                let agent = people
                    .into_iter()
                    .find(|one| one.kind == ParticipantKind::Agent);
                let here =
                    self.get(&format!("/room/{room}")).await.json()["agent"]["present"] == true;
                if let Some(agent) = agent.filter(|_| here) {
                    return agent.attributes;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), seen)
            .await
            .expect("an agent comes")
    }

    /// Lets time pass.
    pub(crate) async fn pass(&self, seconds: f64) {
        // On a paused clock this waits for nothing: it moves the clock on when everybody else waits.
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }

    /// Returns the status of a session, or `None` when it is not live.
    pub(crate) async fn status(&self, id: &str) -> Option<String> {
        let answer = self.get(&format!("/sessions/{id}")).await;
        (answer.status == 200).then(|| answer.json()["status"].as_str().unwrap().to_owned())
    }

    /// Stops the server, waits for its end, and returns where its records are.
    pub(crate) async fn close(mut self) -> Place {
        self.drain.cancel();
        (&mut self.running).await.unwrap();
        self.place.take().unwrap()
    }

    /// Stops the server, waits for its end, and makes sure that nothing is left.
    pub(crate) async fn stop(mut self) -> Drained {
        self.drain.cancel();
        let drained = (&mut self.running).await.unwrap();
        assert_eq!(self.rooms.list().await.unwrap(), [], "no room may be left");
        drained
    }
}

impl World {
    /// Ends the server as `kill -9` does: nobody says goodbye, and the rooms stay. Returns what is left.
    pub(crate) async fn kill(mut self) -> (MemoryRooms, Place) {
        self.store.settled().await;
        self.running.abort();
        drop((&mut self.running).await);
        (self.rooms.clone(), self.place.take().unwrap())
    }
}

/// Keeps a paused clock from jumping until the answer is there, which the database gives in its own time; a request that
/// has to wait for something else may go on after this long.
fn hold_the_clock() -> mpsc::Sender<()> {
    const LONGEST: Duration = Duration::from_millis(500);
    let (hold, released) = mpsc::channel();
    tokio::task::spawn_blocking(move || released.recv_timeout(LONGEST).is_ok());
    hold
}

impl Drop for World {
    fn drop(&mut self) {
        self.postman.abort();
        self.running.abort();
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    #[track_caller]
    pub(crate) fn expecting(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// Passes webhooks on to the server, as LiveKit would.
async fn deliver(rooms: MemoryRooms, router: Router) {
    let mut webhooks = rooms.webhooks();
    while let Some(webhook) = webhooks.next().await {
        answer(&router, webhook_request(&webhook))
            .await
            .expecting(204);
    }
}

pub(crate) fn webhook_request(webhook: &SignedWebhook) -> Request<Body> {
    request(Method::POST, "/livekit/webhook")
        .header("content-type", "application/webhook+json")
        .header("authorization", &webhook.authorization)
        .body(Body::from(webhook.body.clone()))
        .unwrap()
}

fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

async fn answer(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.unwrap();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(body.to_vec()).unwrap(),
    }
}
