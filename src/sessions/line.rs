//! What a live session keeps beside its state: its journal, its feed, and the agent on it.

use std::sync::Arc;

use agent_session::{Entrance, Journal};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use super::agent::{Attending, Chair, Talker};
use super::feed::{Feed, News, SessionEvent};
use super::{CallId, Session};

/// The line of one session. It outlives the agents on it.
pub(super) struct Line {
    call: CallId,
    feed: Feed,
    journal: Arc<dyn Journal>,
    seated: Option<Seated>,
}

struct Seated {
    chair: Chair,
    leave: CancellationToken,
}

impl Line {
    pub(super) fn new(call: CallId, journal: Arc<dyn Journal>) -> Self {
        Self {
            call,
            feed: Feed::default(),
            journal,
            seated: None,
        }
    }

    pub(super) fn call(&self) -> &CallId {
        &self.call
    }

    /// Makes a place for an agent.
    pub(super) fn seat(&mut self, session: &Session, entrance: Entrance) -> Attending {
        self.dismiss();
        let chair = Chair::new(self.feed.clone());
        let leave = CancellationToken::new();
        self.seated = Some(Seated {
            chair: chair.clone(),
            leave: leave.clone(),
        });
        Attending {
            room: session.room().clone(),
            session: session.id().clone(),
            profile: session.profile().map(str::to_owned),
            entrance,
            journal: Arc::clone(&self.journal),
            chair,
            leave,
        }
    }

    /// Has the agent leave.
    pub(super) fn dismiss(&mut self) {
        if let Some(seated) = self.seated.take() {
            seated.leave.cancel();
        }
    }

    /// Returns the agent, if it is in and can be told anything.
    pub(super) fn talker(&self) -> Option<Arc<dyn Talker>> {
        self.seated.as_ref()?.chair.talker()
    }

    pub(super) fn tell(&self, news: News) {
        self.feed.tell(news);
    }

    pub(super) fn watch(&self) -> Option<broadcast::Receiver<SessionEvent>> {
        self.feed.watch()
    }
}
