//! Calls between participants: a method, a text in, a text out.

use std::{fmt, time::Duration};

use tokio::sync::{mpsc, oneshot};

use crate::{BoxError, Identity, RpcError};

/// The longest text that a call or an answer carries, in bytes.
pub const MAX_PAYLOAD: usize = 15_360;

/// How long a caller waits unless it says otherwise.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);

/// Calls of one method that wait to be taken; one more is refused with
/// [`RpcFailure::Failed`] at its caller.
pub const WAITING_CALLS: usize = 32;

/// The name of a method.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Method(String);

impl Method {
    /// Names a method.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RpcCall {
    /// Whose method.
    pub to: Identity,
    /// Which method.
    pub method: Method,
    /// What to say; at most [`MAX_PAYLOAD`] bytes.
    pub payload: String,
    /// How long to wait for the answer.
    pub timeout: Duration,
}

/// Why a call has no answer. The codes are those of LiveKit's clients.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RpcFailure {
    /// The method answered with an error of its own.
    #[error("the method answered with an error")]
    Answered(#[source] RpcError),
    /// The other side has no such method (1400): do without.
    #[error("the other side has no such method")]
    NoSuchMethod,
    /// There is no such participant (1401), or they left meanwhile (1503).
    #[error("the other side is not there")]
    NotThere,
    /// The call (1402) or the answer (1504) is longer than [`MAX_PAYLOAD`].
    #[error("the call or its answer is too long")]
    TooLong,
    /// The other side did not confirm the call (1501): it may not have heard it.
    #[error("the other side did not confirm the call")]
    Unconfirmed,
    /// The other side took the call but did not answer in time (1502).
    #[error("the other side did not answer in time")]
    TimedOut,
    /// The method failed without an answer (1500): it panicked, or has too many calls waiting.
    #[error("the method failed")]
    Failed,
    /// The call could not be sent (1505), or the connection is gone: try again.
    #[error("the call could not be sent")]
    Unavailable(#[source] BoxError),
}

/// A call that waits for an answer. Dropped without one, the caller sees
/// [`RpcFailure::Failed`].
#[derive(Debug)]
pub struct RpcRequest {
    /// Who calls.
    pub caller: Identity,
    /// What they say.
    pub payload: String,
    /// How long they wait.
    pub timeout: Duration,
    answer: oneshot::Sender<Result<String, RpcError>>,
}

impl RpcRequest {
    /// Makes a request and the place where its answer will be.
    #[must_use]
    pub fn new(
        caller: Identity,
        payload: String,
        timeout: Duration,
    ) -> (Self, oneshot::Receiver<Result<String, RpcError>>) {
        let (answer, answered) = oneshot::channel();
        (
            Self {
                caller,
                payload,
                timeout,
                answer,
            },
            answered,
        )
    }

    /// Answers. A caller that has stopped waiting does not hear it.
    pub fn answer(self, answer: Result<String, RpcError>) {
        // The caller may have given up meanwhile; that is theirs to know.
        let _ = self.answer.send(answer);
    }
}

/// The calls of a served method, in order. Dropping it withdraws the method.
#[derive(Debug)]
pub struct RpcRequests {
    requests: mpsc::Receiver<RpcRequest>,
}

impl RpcRequests {
    /// Makes a queue of [`WAITING_CALLS`] and its far end.
    #[must_use]
    pub fn queue() -> (mpsc::Sender<RpcRequest>, Self) {
        let (sender, requests) = mpsc::channel(WAITING_CALLS);
        (sender, Self { requests })
    }

    /// Waits for the next call; `None` once the room is left.
    pub async fn next(&mut self) -> Option<RpcRequest> {
        self.requests.recv().await
    }
}
