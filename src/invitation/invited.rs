//! The one who invited, and what they hear.

use std::fmt;
use std::time::Instant;

use room_contract::Identity;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

/// An invitation under way. Dropping it takes it back: the link opens nothing from then on.
pub struct Invited {
    pub(super) url: String,
    pub(super) until: Instant,
    pub(super) responses: mpsc::Receiver<Response>,
}

/// What the contact makes of it.
#[derive(Debug)]
pub enum Response {
    /// They are reading it.
    Opened,
    /// They want to come; they wait to be let in.
    Accepted(Acceptance),
    /// They do not want to come. Nothing follows.
    Declined,
    /// The time is over. Nothing follows.
    Expired,
}

/// A contact at the door. Dropping it turns them away: somebody else was faster, or nobody waits any more.
#[derive(Debug)]
pub struct Acceptance {
    pub(super) identity: Identity,
    pub(super) welcome: oneshot::Sender<()>,
}

impl Invited {
    /// Returns the link, to be told to the contact and to nobody else.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits for what the contact does next. After an answer there is only [`Response::Expired`].
    pub async fn response(&mut self) -> Response {
        match timeout_at(self.until.into(), self.responses.recv()).await {
            Ok(Some(response)) => response,
            Ok(None) | Err(_) => Response::Expired,
        }
    }
}

impl fmt::Debug for Invited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invited").finish_non_exhaustive()
    }
}

impl Acceptance {
    /// Returns who they will be in the room.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Lets them in; returns whether they were still waiting.
    pub fn welcome(self) -> bool {
        self.welcome.send(()).is_ok()
    }
}
