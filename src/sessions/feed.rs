//! What happens in a session, for those who watch it.

use std::time::SystemTime;

use agent_session::Event;
use tokio::sync::broadcast;

use super::{Session, Status};

/// Events that wait to be taken; one who is slower than this is told how many were lost.
const CAPACITY: usize = 256;

/// Watchers of one session; one more is refused.
const MOST_WATCHERS: usize = 32;

/// Something that happened in a session.
#[derive(Debug, Clone)]
pub struct SessionEvent {
    /// When.
    pub at: SystemTime,
    /// What.
    pub news: News,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum News {
    /// The session went on to another state. After the end nothing follows.
    Status(Status),
    /// LiveKit was asked who is in the room.
    Seen,
    /// Something about its agent.
    Agent(Event),
    /// So many events came too fast to be passed on.
    Lost(u64),
}

/// Where it is told. Cheap to clone; it is over when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Feed(broadcast::Sender<SessionEvent>);

/// A session and what happens in it from here on.
#[derive(Debug)]
pub struct Watch {
    /// As it stands.
    pub session: Session,
    /// What happens.
    pub events: broadcast::Receiver<SessionEvent>,
}

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Feed {
    /// Tells everybody who watches.
    pub fn tell(&self, news: News) {
        let event = SessionEvent {
            at: SystemTime::now(),
            news,
        };
        // Nobody watching is as good as somebody.
        drop(self.0.send(event));
    }

    /// Returns what happens from here on, unless too many watch already.
    pub(super) fn watch(&self) -> Option<broadcast::Receiver<SessionEvent>> {
        (self.0.receiver_count() < MOST_WATCHERS).then(|| self.0.subscribe())
    }
}
