//! The handle on the desk that everybody else holds.

use std::sync::Arc;

use room_contract::{RoomName, ServiceError};
use tokio::sync::{mpsc, oneshot};

use super::{CallId, EndReason, Escalating, OpenError, Opening, Session, Switching, Watch};
use crate::store::CallRecord;

/// Requests that may wait. When full the asker is told that the server is overloaded: it never piles up.
const CAPACITY: usize = 1024;

/// Why a session could not be had.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no live session of that name: forget it.
    #[error("there is no such session")]
    Gone,
    /// LiveKit did not do its part: try again.
    #[error("LiveKit did not do its part")]
    LiveKit(#[source] Arc<ServiceError>),
    /// No agent is there, or none that can be told anything: switch one on.
    #[error("there is no agent to tell")]
    NoAgent,
    /// Too many requests at once: try again.
    #[error("too many requests are waiting")]
    Overloaded,
    /// The server has stopped.
    #[error("the server has stopped")]
    Stopped,
}

/// Where the answer to a request goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, SessionError>>;

/// A request to the desk.
#[derive(Debug)]
pub(super) enum Request {
    Open(Opening, Reply<Session>),
    Announce(RoomName, Reply<Session>),
    Look(RoomName, Reply<Session>),
    Find(String, Reply<Session>),
    FindRoom(RoomName, Reply<Session>),
    List(Reply<Vec<Session>>),
    End(RoomName, EndReason, Reply<()>),
    Ring(RoomName, Reply<Session>),
    Escalate(RoomName, Escalating, Reply<Session>),
    Switch(RoomName, Switching, Reply<Session>),
    Say(RoomName, String, Reply<Session>),
    Note(RoomName, String, Reply<Session>),
    Watch(String, Reply<Watch>),
    Adopt(Vec<CallRecord>, Reply<Vec<Session>>),
    LetGo(Vec<CallId>),
    Hint(RoomName),
    Appearance(RoomName),
}

/// Asks the desk for sessions. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sessions(mpsc::Sender<Request>);

impl Sessions {
    pub(super) fn channel() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        (Self(sender), receiver)
    }

    /// Opens a session and its room.
    ///
    /// # Errors
    ///
    /// It cannot be opened, or LiveKit did not open the room.
    pub async fn open(&self, opening: Opening) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Open(opening, reply)).await
    }

    /// Says that a caller is about to join a room.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn announce(&self, room: RoomName) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Announce(room, reply)).await
    }

    /// Asks LiveKit who is in a room, and returns its session.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn look(&self, room: RoomName) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Look(room, reply)).await
    }

    /// Returns a live session by its id.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when it is not live.
    pub async fn find(&self, id: String) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Find(id, reply)).await
    }

    /// Returns the live session of a room.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn find_room(&self, room: RoomName) -> Result<Session, SessionError> {
        self.ask(|reply| Request::FindRoom(room, reply)).await
    }

    /// Returns every live session.
    ///
    /// # Errors
    ///
    /// Only when the desk cannot answer at all.
    pub async fn list(&self) -> Result<Vec<Session>, SessionError> {
        self.ask(Request::List).await
    }

    /// Ends the session of a room; returns when everybody is out.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn end(&self, room: RoomName) -> Result<(), SessionError> {
        self.end_for(room, EndReason::Completed).await
    }

    /// Ends the session of a room for a reason; returns when everybody is out.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn end_for(&self, room: RoomName, reason: EndReason) -> Result<(), SessionError> {
        self.ask(|reply| Request::End(room, reason, reply)).await
    }

    /// Says that the telephone of the one for whom the session was opened rings.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn ring(&self, room: RoomName) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Ring(room, reply)).await
    }

    /// Says that a human is being brought in, or that this is over, with or without them.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn escalate(
        &self,
        room: RoomName,
        escalating: Escalating,
    ) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Escalate(room, escalating, reply))
            .await
    }

    /// Switches the agent of a room on or off.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when no session has that room.
    pub async fn switch(&self, room: RoomName, to: Switching) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Switch(room, to, reply)).await
    }

    /// Has the agent of a room say something.
    ///
    /// # Errors
    ///
    /// [`SessionError::NoAgent`] when there is none that could.
    pub async fn say(&self, room: RoomName, text: String) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Say(room, text, reply)).await
    }

    /// Tells the agent of a room, and nobody else, what it should know.
    ///
    /// # Errors
    ///
    /// [`SessionError::NoAgent`] when there is none that could.
    pub async fn note(&self, room: RoomName, text: String) -> Result<Session, SessionError> {
        self.ask(|reply| Request::Note(room, text, reply)).await
    }

    /// Returns a live session by its id, and what happens in it from here on.
    ///
    /// # Errors
    ///
    /// [`SessionError::Gone`] when it is not live.
    pub async fn watch(&self, id: String) -> Result<Watch, SessionError> {
        self.ask(|reply| Request::Watch(id, reply)).await
    }

    /// Takes over sessions that another process left behind, and returns them.
    ///
    /// # Errors
    ///
    /// Only when the desk cannot answer at all.
    pub async fn adopt(&self, left_behind: Vec<CallRecord>) -> Result<Vec<Session>, SessionError> {
        self.ask(|reply| Request::Adopt(left_behind, reply)).await
    }

    /// Forgets sessions, as records know them, that another server looks after: their rooms and records are left to it.
    /// All others are this server's.
    ///
    /// # Errors
    ///
    /// The desk could not be told; tell it again.
    pub fn let_go(&self, calls: Vec<CallId>) -> Result<(), SessionError> {
        self.send(Request::LetGo(calls))
    }

    /// Passes on that something changed in a room.
    ///
    /// # Errors
    ///
    /// The hint could not be taken; whoever gave it should repeat it.
    pub fn hint(&self, room: RoomName) -> Result<(), SessionError> {
        self.send(Request::Hint(room))
    }

    /// Passes on that a room came to life.
    ///
    /// # Errors
    ///
    /// As for [`hint`](Self::hint).
    pub fn appearance(&self, room: RoomName) -> Result<(), SessionError> {
        self.send(Request::Appearance(room))
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Result<T, SessionError> {
        let (reply, answer) = oneshot::channel();
        self.send(request(reply))?;
        answer.await.map_err(|_| SessionError::Stopped)?
    }

    fn send(&self, request: Request) -> Result<(), SessionError> {
        self.0.try_send(request).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SessionError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => SessionError::Stopped,
        })
    }
}
