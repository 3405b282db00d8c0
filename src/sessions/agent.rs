//! The agent as sessions see it: somebody who attends a room.

use std::sync::{Arc, Mutex, PoisonError};

use agent_session::{Entrance, Event, Handle, HandleError, Journal, Switch};
use async_trait::async_trait;
use room_contract::{BoxError, RoomName};
use tokio_util::sync::CancellationToken;

use super::SessionId;
use super::feed::{Feed, News};

/// A room to attend.
#[derive(Clone)]
pub struct Attending {
    /// Which room.
    pub room: RoomName,
    /// Whose session it is.
    pub session: SessionId,
    /// The name of the profile, if one was chosen.
    pub profile: Option<String>,
    /// How to come in.
    pub entrance: Entrance,
    /// Where the conversation is kept; what is there already is continued.
    pub journal: Arc<dyn Journal>,
    /// Where the agent can be reached, and where it tells what happens.
    pub chair: Chair,
    /// Cancelled when the agent is to leave.
    pub leave: CancellationToken,
}

/// Attends rooms, one call each.
#[async_trait]
pub trait Agent: Send + Sync + 'static {
    /// Joins the room, talks with whoever is there, and returns once it is out again: because it was asked to
    /// leave, or because the room closed.
    ///
    /// # Errors
    ///
    /// It could not join or not stay; the session puts it in again after a pause.
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError>;

    /// Tells whether an agent of this profile stays and listens while it is switched off.
    fn listens_while_off(&self, _profile: Option<&str>) -> bool {
        false
    }
}

/// How an agent's stay came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// It was asked to leave, or the room is gone: who comes next is for the session to say.
    Left,
    /// Somebody put it out of the room.
    PutOut,
    /// It said goodbye: the conversation is over, and so is the session.
    SaidGoodbye,
}

/// An agent that can be told what to do.
pub trait Talker: Send + Sync + 'static {
    /// Has it say something as soon as it is its turn.
    ///
    /// # Errors
    ///
    /// [`HandleError`] says whether to try again.
    fn say(&self, text: String) -> Result<(), HandleError>;

    /// Tells it, and nobody else, what it should know from here on.
    ///
    /// # Errors
    ///
    /// [`HandleError`] says whether to try again.
    fn note(&self, text: String) -> Result<(), HandleError>;

    /// Switches it off or on where it is.
    ///
    /// # Errors
    ///
    /// [`HandleError`] says whether to try again.
    fn switch(&self, to: Switch) -> Result<(), HandleError>;
}

impl Talker for Handle {
    fn say(&self, text: String) -> Result<(), HandleError> {
        Self::say(self, text)
    }

    fn note(&self, text: String) -> Result<(), HandleError> {
        Self::note(self, text)
    }

    fn switch(&self, to: Switch) -> Result<(), HandleError> {
        Self::switch(self, to)
    }
}

/// An agent's place in a session, from both sides. Cheap to clone.
#[derive(Clone)]
pub struct Chair {
    feed: Feed,
    talker: Arc<Mutex<Option<Arc<dyn Talker>>>>,
}

impl Chair {
    pub(super) fn new(feed: Feed) -> Self {
        Self {
            feed,
            talker: Arc::default(),
        }
    }

    /// The agent is in and can be told what to do.
    pub fn sit(&self, talker: Arc<dyn Talker>) {
        *self.talker.lock().unwrap_or_else(PoisonError::into_inner) = Some(talker);
    }

    /// The agent tells what happens.
    pub fn tell(&self, event: Event) {
        self.feed.tell(News::Agent(event));
    }

    /// The agent had more to tell than could be passed on.
    pub fn tell_lost(&self, count: u64) {
        self.feed.tell(News::Lost(count));
    }

    /// Returns the agent, once it is in and if it can be told anything.
    pub(super) fn talker(&self) -> Option<Arc<dyn Talker>> {
        self.talker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
