//! A WebSocket as a leg takes it.

use std::pin::Pin;
use std::task::{Context, Poll};

use async_trait::async_trait;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::Stream;

use crate::wiring::twilio::{Wire, WireLost, WireMessage};

/// A WebSocket.
pub(super) struct Socket(pub(super) WebSocket);

#[async_trait]
impl Wire for Socket {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<WireMessage> {
        loop {
            let message = match Pin::new(&mut self.0).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => WireMessage::Closed,
                Poll::Ready(Some(Err(error))) if is_too_long(&error) => WireMessage::TooLong,
                Poll::Ready(Some(Err(_))) => WireMessage::Closed,
                Poll::Ready(Some(Ok(message))) => match message {
                    Message::Text(text) => WireMessage::Text(text.as_str().to_owned()),
                    Message::Binary(_) => WireMessage::Binary,
                    Message::Close(_) => WireMessage::Closed,
                    // Answered by the library.
                    Message::Ping(_) | Message::Pong(_) => continue,
                },
            };
            return Poll::Ready(message);
        }
    }

    async fn send(&mut self, text: &str) -> Result<(), WireLost> {
        let message = Message::Text(text.into());
        self.0.send(message).await.map_err(|_| WireLost)
    }

    async fn close(&mut self) {
        let goodbye = Message::Close(Some(CloseFrame {
            code: close_code::NORMAL,
            reason: "".into(),
        }));
        // One that is gone already needs no goodbye.
        drop(self.0.send(goodbye).await);
    }
}

/// The library tells it among its errors by a sentence alone.
fn is_too_long(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}
