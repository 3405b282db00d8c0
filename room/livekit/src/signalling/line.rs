//! One open connection to a server's signalling.

use std::future::pending;
use std::io;

use async_trait::async_trait;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use livekit_net::{TransportError, WsConnection};
use livekit_protocol::SignalResponse;
use prost::Message as _;
use tokio::net::TcpStream;
use tokio::select;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::{Error, Message, error::ProtocolError};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::farewell::{Listener, Verdict};
use super::resumption::Resumption;
use super::told;

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) struct Line {
    out: Mutex<SplitSink<Socket, Message>>,
    incoming: Mutex<Incoming>,
}

struct Incoming {
    socket: SplitStream<Socket>,
    farewell: Listener,
    resumption: Resumption,
    /// A dismissal that the SDK does not know of yet.
    held: Option<Vec<u8>>,
}

impl Line {
    pub(super) fn new(socket: Socket, farewell: Listener) -> Self {
        let (out, socket) = socket.split();
        Self {
            out: Mutex::new(out),
            incoming: Mutex::new(Incoming {
                socket,
                farewell,
                resumption: Resumption::default(),
                held: None,
            }),
        }
    }
}

#[async_trait]
impl WsConnection for Line {
    async fn send(&self, frame: Vec<u8>) -> Result<(), TransportError> {
        let mut out = self.out.lock().await;
        out.send(Message::Binary(frame.into())).await.map_err(told)
    }

    async fn recv(&self) -> Result<Option<Vec<u8>>, TransportError> {
        self.incoming.lock().await.recv().await
    }

    async fn close(&self) {
        // Whoever is gone need not be told.
        drop(self.out.lock().await.close().await);
    }
}

impl Incoming {
    /// Cancelling it loses nothing.
    async fn recv(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        loop {
            if self.held.is_some() {
                let word = self.farewell.last_word().await;
                return Ok(word.or_else(|| self.held.take()));
            }
            if let Some(frame) = self.resumption.poll() {
                return Ok(Some(frame));
            }
            let frame = select! {
                biased;
                word = self.farewell.word() => return Ok(Some(word)),
                frame = read(&mut self.socket) => frame?,
                () = reached(self.resumption.deadline()) => {
                    self.resumption.give_up();
                    continue;
                }
            };
            let Some(frame) = frame else {
                return Ok(None);
            };
            let message = SignalResponse::decode(frame.as_slice());
            let message = message.ok().and_then(|response| response.message);
            match self.farewell.judge(message.as_ref()) {
                Verdict::Hold => self.held = Some(frame),
                Verdict::Drop => {}
                Verdict::Pass => self
                    .resumption
                    .handle(Instant::now(), frame, message.as_ref()),
            }
        }
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

/// Reads a frame, or `None` at the end.
async fn read(socket: &mut SplitStream<Socket>) -> Result<Option<Vec<u8>>, TransportError> {
    while let Some(message) = socket.next().await {
        match message {
            Ok(Message::Binary(frame)) => return Ok(Some(frame.into())),
            Ok(Message::Close(_)) => return Ok(None),
            // Pings are answered with the next reading or sending; nothing else is signalling.
            Ok(_) => {}
            Err(error) if is_end(&error) => return Ok(None),
            Err(error) => return Err(told(error)),
        }
    }
    Ok(None)
}

/// Returns whether the server has hung up, with or without a word.
fn is_end(error: &Error) -> bool {
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => true,
        Error::Io(error) => error.kind() == io::ErrorKind::UnexpectedEof,
        _ => false,
    }
}
