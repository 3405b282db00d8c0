//! Answers over HTTP that come in pieces, stall and break off.

use std::{convert::Infallible, future::Future, io, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use serde_json::Value;
use tokio::{sync::mpsc, time::sleep};

/// What a fake answers with.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// An answer that is there at once.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Body {
    let body = Full::new(bytes.into());
    body.map_err(|never: Infallible| match never {})
        .boxed_unsync()
}

/// The same as JSON.
pub(crate) fn json(value: &Value) -> Body {
    whole(value.to_string())
}

/// Where the pieces of an answer are written to.
#[derive(Debug)]
pub(crate) struct Out(mpsc::Sender<io::Result<Bytes>>);

/// The client has gone, so nothing more needs to be written.
#[derive(Debug)]
pub(crate) struct Gone;

impl Out {
    pub(crate) async fn send(&self, bytes: impl Into<Bytes>) -> Result<(), Gone> {
        self.0.send(Ok(bytes.into())).await.map_err(|_| Gone)
    }

    /// One server-sent event.
    pub(crate) async fn event(&self, data: &str) -> Result<(), Gone> {
        self.send(format!("data: {data}\n\n")).await
    }

    /// Breaks the connection.
    pub(crate) async fn reset(&self) -> Gone {
        let broken = io::Error::from(io::ErrorKind::ConnectionReset);
        let _ = self.0.send(Err(broken)).await;
        Gone
    }

    /// Writes nothing more until the client gives up.
    pub(crate) async fn stall(&self) -> Gone {
        self.0.closed().await;
        Gone
    }

    pub(crate) async fn pause(&self, time: Duration) {
        if !time.is_zero() {
            sleep(time).await;
        }
    }
}

/// An answer that `write` writes while it is read.
pub(crate) fn written<F, Fut>(write: F) -> Body
where
    F: FnOnce(Out) -> Fut,
    Fut: Future<Output = Result<(), Gone>> + Send + 'static,
{
    // One piece waits: who writes keeps the pace of who reads.
    let (sender, receiver) = mpsc::channel(1);
    let writing = Box::pin(write(Out(sender)));
    let pieces = stream::unfold(
        (receiver, Some(writing)),
        async |(mut pieces, mut writing)| {
            loop {
                let Some(future) = &mut writing else {
                    let piece: io::Result<Bytes> = pieces.recv().await?;
                    return Some((piece.map(Frame::data), (pieces, writing)));
                };
                tokio::select! {
                    biased;
                    Some(piece) = pieces.recv() => {
                        return Some((piece.map(Frame::data), (pieces, writing)));
                    }
                    _ = future => writing = None,
                }
            }
        },
    );
    StreamBody::new(pieces.boxed()).boxed_unsync()
}
