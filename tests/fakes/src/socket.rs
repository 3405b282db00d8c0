//! WebSockets: who may come in, and what is sent when.

use std::{collections::VecDeque, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::AsyncWriteExt as _,
    net::TcpStream,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream, accept_hdr_async_with_config,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
        http::{HeaderMap, StatusCode},
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

/// What is read at once: some messages of 20 ms. The reader blanks as much before each attempt.
const READ_AT_ONCE: usize = 4 << 10;

/// A request to become a socket.
#[derive(Debug, Clone)]
pub(crate) struct Knock {
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
}

impl Knock {
    fn of(request: &Request) -> Self {
        let query = request.uri().query().unwrap_or_default();
        Self {
            path: request.uri().path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: request.headers().clone(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Why somebody may not come in.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Accepts a socket, or refuses it as `judge` says.
#[expect(
    clippy::result_large_err,
    reason = "the library's callback is typed so"
)]
pub(crate) async fn accept(
    stream: TcpStream,
    judge: impl FnOnce(&Knock) -> Result<(), Refused> + Unpin,
) -> Option<(Talk, Knock)> {
    let mut knock = None;
    let callback = |request: &Request, mut response: Response| {
        let asked = knock.insert(Knock::of(request));
        match judge(asked) {
            Ok(()) => {
                let id = response.headers_mut();
                id.insert(
                    "dg-request-id",
                    "6f0c1d52-0000-4000-8000-000000000001"
                        .parse()
                        .expect("a header"),
                );
                Ok(response)
            }
            Err(refused) => Err(answer(refused)),
        }
    };
    let config = WebSocketConfig::default().read_buffer_size(READ_AT_ONCE);
    let stream = accept_hdr_async_with_config(stream, callback, Some(config))
        .await
        .ok()?;
    Some((Talk::new(stream), knock?))
}

fn answer(refused: Refused) -> ErrorResponse {
    let length = refused.body.len();
    let mut answer = ErrorResponse::new(Some(refused.body));
    *answer.status_mut() = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = answer.headers_mut();
    headers.insert(
        "content-type",
        "application/json".parse().expect("a header"),
    );
    headers.insert("content-length", length.into());
    for (name, value) in refused.headers {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    answer
}

/// One conversation over a socket.
#[derive(Debug)]
pub(crate) struct Talk {
    stream: WebSocketStream<TcpStream>,
    outbox: VecDeque<(Instant, Message)>,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    Text(String),
    Bytes(Vec<u8>),
    /// This is due to be sent.
    Due(Message),
    Gone,
}

impl Talk {
    fn new(stream: WebSocketStream<TcpStream>) -> Self {
        Self {
            stream,
            outbox: VecDeque::new(),
        }
    }

    /// Sends something after a while, in the order of these calls.
    pub(crate) fn post(&mut self, after: Duration, message: Message) {
        let earliest = self.outbox.back().map(|(due, _)| *due);
        let due = Instant::now() + after;
        self.outbox
            .push_back((earliest.map_or(due, |earliest| earliest.max(due)), message));
    }

    /// How many messages wait to be sent.
    pub(crate) fn waiting(&self) -> usize {
        self.outbox.len()
    }

    pub(crate) async fn next(&mut self) -> Next {
        loop {
            let due = self.outbox.front().map(|(due, _)| *due);
            tokio::select! {
                () = at(due) => {
                    if let Some((_, message)) = self.outbox.pop_front() {
                        return Next::Due(message);
                    }
                }
                message = self.stream.next() => match message {
                    Some(Ok(Message::Text(text))) => return Next::Text(text.as_str().to_owned()),
                    Some(Ok(Message::Binary(bytes))) => return Next::Bytes(bytes.to_vec()),
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Next::Gone,
                },
            }
        }
    }

    /// Sends at once; false when nobody is there any more.
    pub(crate) async fn send(&mut self, message: Message) -> bool {
        self.stream.send(message).await.is_ok()
    }

    /// Hangs up in the protocol's way, and waits until the other side has too.
    pub(crate) async fn close(mut self, code: u16, reason: &str) {
        let frame = CloseFrame {
            code: CloseCode::from(code),
            reason: reason.into(),
        };
        if self.stream.close(Some(frame)).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {}
        }
    }

    /// Hangs up without a word.
    pub(crate) async fn reset(self) {
        let mut stream = self.stream.into_inner();
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        let _ = stream.flush().await;
    }

    /// Listens without ever answering, until the other side gives up.
    pub(crate) async fn stall(mut self) {
        while let Some(Ok(_)) = self.stream.next().await {}
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
