//! What a director needs of the rest of the house.

use std::sync::Arc;

use async_trait::async_trait;
use room_contract::{BoxError, Identity, RoomName};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::machine::Gone;
use super::verdict::Verdict;
use crate::dial::Number;
use crate::phone::{PickUp, Tongue};
use crate::sessions::SessionId;

/// Everything that a director works with.
#[derive(Clone)]
pub(crate) struct Crew {
    /// Who calls people; nobody where there is no telephone.
    pub(crate) lines: Option<Arc<dyn Lines>>,
    /// Who briefs them; nobody where there is no agent.
    pub(crate) briefers: Option<Arc<dyn Briefers>>,
    /// Who plays to those who wait.
    pub(crate) musicians: Arc<dyn Musicians>,
}

/// Calls people into rooms.
#[async_trait]
pub(crate) trait Lines: Send + Sync + 'static {
    /// Calls somebody. What becomes of it is told by `guest.news` once this has returned.
    ///
    /// # Errors
    ///
    /// They are not called; the text says why, without their number.
    async fn call(&self, guest: Guest) -> Result<Called, BoxError>;

    /// Ends a call; one that is over stays over.
    async fn hang_up(&self, call: &str);

    /// Returns whether whoever began this session may be called back: not when they are on a telephone that is not
    /// called from here.
    async fn may_call_back(&self, session: &SessionId) -> bool;

    /// Sends somebody a short message, within seconds or not at all.
    ///
    /// # Errors
    ///
    /// It was not sent.
    async fn write(&self, to: &Number, text: &str) -> Result<(), BoxError>;
}

/// Somebody to be called into a room.
pub(crate) struct Guest {
    /// The room.
    pub(crate) room: RoomName,
    /// Their number.
    pub(crate) number: Number,
    /// What the room shows.
    pub(crate) name: String,
    /// The circle they begin in; the main one when there is none.
    pub(crate) circle: Option<String>,
    /// Whether they are a contact of ours; the caller's own telephone otherwise.
    pub(crate) is_contact: bool,
    /// When they count as there.
    pub(crate) pick_up: PickUp,
    /// Who asked for it.
    pub(crate) by: String,
    /// The same for a request that is repeated.
    pub(crate) key: String,
    /// Where it is told what becomes of them.
    pub(crate) news: mpsc::Sender<GuestNews>,
}

/// What becomes of somebody who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GuestNews {
    /// They have picked up and can be heard.
    PickedUp,
    /// They are not there, or not any more.
    Gone(Gone),
}

/// Somebody who is being called.
#[derive(Debug, Clone)]
pub(crate) struct Called {
    /// The carrier's id of the call.
    pub(crate) call: String,
    /// Who they are in the room.
    pub(crate) identity: Identity,
}

/// Tells contacts in private what it is about.
#[async_trait]
pub(crate) trait Briefers: Send + Sync + 'static {
    /// Enters the room, briefs whoever shares the circle, passes on what they decide, says farewell when it is given
    /// one, and leaves.
    ///
    /// # Errors
    ///
    /// Nobody could be told anything.
    async fn brief(&self, briefing: Briefing) -> Result<(), BoxError>;
}

/// A briefing to be held.
pub(crate) struct Briefing {
    /// The room.
    pub(crate) room: RoomName,
    /// The session.
    pub(crate) session: SessionId,
    /// Whose voice it has.
    pub(crate) profile: Option<String>,
    /// Who hears it.
    pub(crate) circle: String,
    /// In which language.
    pub(crate) tongue: Tongue,
    /// What is said first.
    pub(crate) text: String,
    /// What is said to whoever says nothing.
    pub(crate) choice: &'static str,
    /// Where decisions go.
    pub(crate) verdicts: mpsc::Sender<Verdict>,
    /// The last words, once there are some; the briefer leaves after them.
    pub(crate) farewell: tokio::sync::oneshot::Receiver<String>,
    /// Cancelled when the briefer is to leave at once.
    pub(crate) leave: CancellationToken,
}

/// Plays to those who wait.
#[async_trait]
pub(crate) trait Musicians: Send + Sync + 'static {
    /// Plays in a room until `stop` is cancelled, quietly while `duck` says so.
    async fn play(
        &self,
        room: RoomName,
        duck: tokio::sync::watch::Receiver<bool>,
        stop: CancellationToken,
    );
}
