//! What a media socket is to a leg, whatever library it is of.

use std::task::{Context, Poll};

use async_trait::async_trait;

/// A WebSocket that Twilio opened. Dropping it closes it.
#[async_trait]
pub trait Wire: Send + 'static {
    /// Takes the next message. Pings are answered within.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<WireMessage>;

    /// Sends a text message. The leg gives it a deadline.
    ///
    /// # Errors
    /// [`WireLost`] when it cannot be sent.
    async fn send(&mut self, text: &str) -> Result<(), WireLost>;

    /// Says goodbye, so that Twilio does not take the end for a failure. The leg gives it a deadline.
    async fn close(&mut self);
}

/// What comes from a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireMessage {
    /// A text message.
    Text(String),
    /// A message of bytes, which Twilio never sends.
    Binary,
    /// A message longer than the socket takes.
    TooLong,
    /// Nothing follows: closed, broken, or whatever else.
    Closed,
}

/// The socket is no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the media socket is lost")]
pub struct WireLost;
