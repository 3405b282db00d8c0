//! One WebSocket, with a deadline on everything that goes through it.

use std::{sync::Arc, time::Duration};

use futures_util::{SinkExt as _, StreamExt as _};
use http::Request;
use rustls::ClientConfig;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{Error, Message, protocol::WebSocketConfig},
};

use crate::{
    failure::{Failure, read},
    refusal::Dialect,
};

/// TCP, TLS and the upgrade take four round trips: more than this is an outage.
const CONNECT: Duration = Duration::from_secs(4);

/// Whoever takes nothing for so long has stopped listening.
const WRITE: Duration = Duration::from_secs(2);

/// Far longer than any message of the protocol.
const LONGEST_MESSAGE: usize = 4 << 20;

/// What is read at once. The reader blanks as much before each attempt, and there is an attempt for each piece of sound
/// that is sent: tungstenite's own 128 KiB are more work than the sound, and memory that every session has.
const READ_AT_ONCE: usize = 8 << 10;

/// A connection to a service.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    dialect: &'static dyn Dialect,
}

impl Socket {
    /// Connects within four seconds.
    ///
    /// # Errors
    ///
    /// [`Failure`] says why there is no connection.
    pub async fn connect(
        request: Request<()>,
        tls: Arc<ClientConfig>,
        dialect: &'static dyn Dialect,
    ) -> Result<Self, Failure> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_AT_ONCE)
            .max_message_size(Some(LONGEST_MESSAGE))
            .max_frame_size(Some(LONGEST_MESSAGE));
        let tls = Some(Connector::Rustls(tls));
        // Small pieces of sound must not wait for each other.
        let connecting = connect_async_tls_with_config(request, Some(config), true, tls);
        match timeout(CONNECT, connecting).await {
            Ok(Ok((stream, _))) => Ok(Self { stream, dialect }),
            Ok(Err(error)) => Err(read(error, dialect)),
            Err(_) => Err(Failure::Stalled(CONNECT)),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// [`Failure`], but not when it was closed: why is told by [`next`](Self::next).
    pub async fn send(&mut self, message: Message) -> Result<(), Failure> {
        match timeout(WRITE, self.stream.send(message)).await {
            // Why it is closed is told to the reader.
            Ok(Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed)) => Ok(()),
            Ok(Err(error)) => Err(read(error, self.dialect)),
            Err(_) => Err(Failure::Stalled(WRITE)),
        }
    }

    /// Returns the next text; `None` when it was closed as it should be. Has no deadline of its own.
    ///
    /// # Errors
    ///
    /// [`Failure`] says why nothing follows.
    pub async fn next(&mut self) -> Result<Option<String>, Failure> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(Some(text.as_str().to_owned())),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return match u16::from(frame.code) {
                        1000 => Ok(None),
                        code => Err(self.dialect.of_close(code, frame.reason.as_str()).into()),
                    };
                }
                Some(Ok(Message::Close(None))) => return Ok(None),
                Some(Ok(Message::Binary(_))) => {
                    return Err(Failure::Nonsense("bytes where text was due"));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(error)) => return Err(read(error, self.dialect)),
                None => return Err(Failure::Broken),
            }
        }
    }
}
