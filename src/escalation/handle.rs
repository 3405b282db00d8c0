//! The handle on escalations that everybody else holds.

use std::sync::{Arc, OnceLock};

use room_contract::RoomName;
use tokio::sync::{mpsc, oneshot};

use super::recall::Recall;
use super::wish::{EscalationError, EscalationId, View, Wish};

/// Requests that may wait. When full the asker is told so.
const CAPACITY: usize = 256;

pub(super) type Reply<T> = oneshot::Sender<T>;

/// Whose conversation a human is wanted in.
#[derive(Debug, Clone)]
pub enum Whose {
    /// That of this room.
    Room(RoomName),
    /// That of the session with this id.
    Session(String),
}

/// A request to the director.
pub(super) enum Request {
    Begin(Whose, Wish, Reply<Result<EscalationId, EscalationError>>),
    Recall(
        RoomName,
        Wish,
        Recall,
        Reply<Result<EscalationId, EscalationError>>,
    ),
    Drop(String, Reply<bool>),
    Cancel(RoomName, Reply<bool>),
    Look(RoomName, Reply<Option<View>>),
    TakeUp,
}

/// Asks for humans. Cheap to clone. Those made before the director is bound to it later.
#[derive(Clone, Default)]
pub struct Escalations(Arc<OnceLock<mpsc::Sender<Request>>>);

impl Escalations {
    /// Binds a director to it; returns where its requests arrive.
    pub(super) fn bind(&self) -> mpsc::Receiver<Request> {
        let (requests, inbox) = mpsc::channel(CAPACITY);
        // A second director of one handle hears nothing, and there is none.
        let _ = self.0.set(requests);
        inbox
    }

    /// Has a human brought into a conversation. While one is being brought in, or is there, the same one is returned.
    ///
    /// # Errors
    ///
    /// [`EscalationError`] says why there will be none.
    pub async fn begin(&self, whose: Whose, wish: Wish) -> Result<EscalationId, EscalationError> {
        self.ask(|reply| Request::Begin(whose, wish, reply)).await?
    }

    /// Has a contact brought into a room where nobody is, and then the caller, whom the wish has to name.
    ///
    /// # Errors
    ///
    /// [`EscalationError`] says why nobody is called.
    pub(crate) async fn recall(
        &self,
        room: RoomName,
        wish: Wish,
        recall: Recall,
    ) -> Result<EscalationId, EscalationError> {
        self.ask(|reply| Request::Recall(room, wish, recall, reply))
            .await?
    }

    /// Ends the calls of a callback that another process was carrying out, by its session; tells whether it has come about,
    /// and goes on.
    ///
    /// # Errors
    ///
    /// [`EscalationError::Overloaded`] and [`EscalationError::Stopped`].
    pub(crate) async fn drop_calls(&self, session: String) -> Result<bool, EscalationError> {
        self.ask(|reply| Request::Drop(session, reply)).await
    }

    /// Calls it off while nobody has accepted; returns whether there was one.
    ///
    /// # Errors
    ///
    /// [`EscalationError::Overloaded`] and [`EscalationError::Stopped`].
    pub async fn cancel(&self, room: RoomName) -> Result<bool, EscalationError> {
        self.ask(|reply| Request::Cancel(room, reply)).await
    }

    /// Returns the escalation of a room, if there is one.
    ///
    /// # Errors
    ///
    /// [`EscalationError::Overloaded`] and [`EscalationError::Stopped`].
    pub async fn look(&self, room: RoomName) -> Result<Option<View>, EscalationError> {
        self.ask(|reply| Request::Look(room, reply)).await
    }

    /// Has those taken up whose sessions were just taken over. When it is lost the callers stay with the agent.
    pub(crate) fn take_up(&self) {
        if let Some(requests) = self.0.get() {
            drop(requests.try_send(Request::TakeUp));
        }
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, EscalationError> {
        let requests = self.0.get().ok_or(EscalationError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        requests
            .try_send(request(reply))
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => EscalationError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => EscalationError::Stopped,
            })?;
        answer.await.map_err(|_| EscalationError::Stopped)
    }
}

impl std::fmt::Debug for Escalations {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Escalations").finish_non_exhaustive()
    }
}
