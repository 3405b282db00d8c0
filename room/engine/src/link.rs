//! The way from a handle to the loop that owns the connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};

use crate::candidate::IceCandidate;
use crate::config::OfferPurpose;
use crate::description::Description;
use crate::error::EngineError;
use crate::runtime;
use crate::stats::ConnectionStats;

/// Requests that may wait for the loop; further callers wait to ask.
const REQUEST_QUEUE: usize = 16;

/// The loop answers within microseconds. Longer than this means that the machine is overloaded.
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);

/// One request, with the way back for its answer.
pub(crate) enum Request {
    CreateOffer(OfferPurpose, Reply<Description>),
    CreateAnswer(Reply<Description>),
    SetLocal(Description, Reply<()>),
    SetRemote(Description, Reply<()>),
    AddCandidate(IceCandidate, Reply<()>),
    Stats(Reply<ConnectionStats>),
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, EngineError>>;

/// Asks the loop and wakes it. Does not keep the connection open.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    requests: mpsc::Sender<Request>,
    /// What the application wants has changed: tracks, channels, servers.
    pub(crate) changed: Arc<Notify>,
    /// There is something to send: samples after silence, data messages.
    pub(crate) filled: Arc<Notify>,
}

impl Link {
    /// Returns a link with the loop's end of it.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Request>) {
        let (requests, inbox) = mpsc::channel(REQUEST_QUEUE);
        let (changed, filled) = (Arc::default(), Arc::default());
        (
            Self {
                requests,
                changed,
                filled,
            },
            inbox,
        )
    }

    /// Asks the loop and waits for its answer.
    pub(crate) async fn ask<T>(
        &self,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, EngineError> {
        let (reply, answer) = oneshot::channel();
        let request = request(reply);
        let exchange = async {
            self.requests
                .send(request)
                .await
                .map_err(|_| EngineError::Closed)?;
            answer.await.map_err(|_| EngineError::Closed)?
        };
        let deadline = {
            // The caller may run on any executor; the timer needs one of tokio's.
            let _runtime = runtime::media_handle()?.enter();
            tokio::time::sleep(ANSWER_DEADLINE)
        };
        tokio::select! {
            biased;
            result = exchange => result,
            () = deadline => Err(EngineError::TimedOut),
        }
    }
}
