//! A small application: answers webhooks with what the test gave it, and hands its sockets to the test.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use connectors_twilio_twin::{Number, Route, Settings, Twin, sign};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::AbortHandle,
    time::timeout,
};

/// Longer than a busy machine needs for anything here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const OURS: &str = "+15550001111";
pub(crate) const CALLER: &str = "+15557654321";
pub(crate) const PUBLIC: &str = "https://app.test";
pub(crate) const TOKEN: &str = "12345";

/// A webhook that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    /// Whether its signature is that of its public address.
    pub(crate) is_signed: bool,
}

impl Request {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

type Pages = HashMap<String, VecDeque<(StatusCode, &'static str, String)>>;

#[derive(Debug)]
struct Shared {
    pages: Mutex<Pages>,
    requests: watch::Sender<Vec<Request>>,
    sockets: mpsc::Sender<(Request, WebSocket)>,
}

/// The application. Ends when it is dropped.
pub(crate) struct App {
    shared: Arc<Shared>,
    sockets: mpsc::Receiver<(Request, WebSocket)>,
    pub(crate) local: String,
    server: AbortHandle,
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl App {
    pub(crate) async fn start() -> Self {
        let (sender, sockets) = mpsc::channel(16);
        let shared = Arc::new(Shared {
            pages: Mutex::default(),
            requests: watch::Sender::new(Vec::new()),
            sockets: sender,
        });
        let router = Router::new()
            .route("/stream", get(upgrade))
            .fallback(any(answer))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let local = format!("http://{}", listener.local_addr().unwrap());
        let serving = async move { axum::serve(listener, router).await.unwrap() };
        let server = tokio::task::spawn(serving).abort_handle();
        Self {
            shared,
            sockets,
            local,
            server,
        }
    }

    /// Sets the document at a path; given several, each is used once and the last for ever.
    pub(crate) fn page(&self, path: &str, document: &str) {
        let body = format!("<Response>{document}</Response>");
        self.reply(path, StatusCode::OK, "text/xml", &body);
    }

    pub(crate) fn reply(&self, path: &str, status: StatusCode, kind: &'static str, body: &str) {
        let mut pages = self.shared.pages.lock().unwrap();
        let replies = pages.entry(path.to_owned()).or_default();
        replies.push_back((status, kind, body.to_owned()));
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            auth_token: TOKEN.into(),
            numbers: vec![
                Number::new(OURS)
                    .voice(&format!("{PUBLIC}/voice"))
                    .status(&format!("{PUBLIC}/status")),
            ],
            routes: vec![Route::new(PUBLIC, &self.local)],
            ..Settings::default()
        }
    }

    pub(crate) async fn twin(&self) -> Twin {
        Twin::start(self.settings()).await.unwrap()
    }

    /// Waits for the next request to a path after the first `skipped`.
    pub(crate) async fn request(&self, path: &str, skipped: usize) -> Request {
        let mut requests = self.shared.requests.subscribe();
        let fits = |requests: &Vec<Request>| nth(requests, path, skipped).is_some();
        let arrived = timeout(PATIENCE, requests.wait_for(fits))
            .await
            .unwrap()
            .unwrap();
        nth(&arrived, path, skipped).unwrap()
    }

    /// Waits for the next socket.
    pub(crate) async fn socket(&mut self) -> Peer {
        let (request, socket) = timeout(PATIENCE, self.sockets.recv())
            .await
            .unwrap()
            .unwrap();
        Peer {
            request,
            socket,
            sid: String::new(),
        }
    }
}

fn nth(requests: &[Request], path: &str, skipped: usize) -> Option<Request> {
    requests
        .iter()
        .filter(|request| request.path == path)
        .nth(skipped)
        .cloned()
}

async fn upgrade(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let request = read(&Method::GET, &uri, headers, &Bytes::new(), "wss://app.test");
    upgrade.on_upgrade(async move |socket| {
        shared.sockets.send((request, socket)).await.unwrap();
    })
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = read(&method, &uri, headers, &body, PUBLIC);
    let path = request.path.clone();
    shared
        .requests
        .send_modify(|requests| requests.push(request));
    if path == "/hangs" {
        return std::future::pending().await;
    }
    let mut pages = shared.pages.lock().unwrap();
    let Some(replies) = pages.get_mut(&path) else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let reply = if replies.len() > 1 {
        replies.pop_front()
    } else {
        replies.front().cloned()
    };
    let (status, kind, body) = reply.unwrap();
    (status, [("content-type", kind)], body).into_response()
}

fn read(method: &Method, uri: &Uri, headers: HeaderMap, body: &Bytes, base: &str) -> Request {
    let pairs = |text: &[u8]| -> Vec<(String, String)> {
        url::form_urlencoded::parse(text).into_owned().collect()
    };
    let form = pairs(body);
    let signed = if method == Method::POST {
        form.as_slice()
    } else {
        &[]
    };
    let signature = sign(TOKEN, &format!("{base}{}", uri), signed);
    let is_signed = headers
        .get("x-twilio-signature")
        .is_some_and(|given| *given == *signature);
    let query = pairs(uri.query().unwrap_or_default().as_bytes());
    Request {
        path: uri.path().to_owned(),
        parameters: query.into_iter().chain(form).collect(),
        headers,
        is_signed,
    }
}

/// The application's end of a media socket.
pub(crate) struct Peer {
    pub(crate) request: Request,
    socket: WebSocket,
    /// The stream, once `start` was read.
    pub(crate) sid: String,
}

impl Peer {
    /// Returns the next message; nothing when the socket is closed.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            match timeout(PATIENCE, self.socket.recv()).await.unwrap() {
                Some(Ok(Message::Text(text))) => {
                    let value: Value = serde_json::from_str(&text).unwrap();
                    if value["event"] == "start" {
                        self.sid = value["streamSid"].as_str().unwrap().to_owned();
                    }
                    return Some(value);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Returns the next message of a kind, dropping others; nothing when the socket is closed.
    pub(crate) async fn next_of(&mut self, event: &str) -> Option<Value> {
        loop {
            let message = self.next().await?;
            if message["event"] == event || message["type"] == event {
                return Some(message);
            }
        }
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.say(&message.to_string()).await;
    }

    pub(crate) async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn close(mut self) {
        self.socket.send(Message::Close(None)).await.unwrap();
        while let Some(Ok(_)) = self.socket.recv().await {}
    }
}
