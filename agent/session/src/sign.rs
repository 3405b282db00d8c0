//! Shows the agent's state to everybody, without holding up the conversation.

use std::sync::Arc;

use room_contract::{Attributes, Room};
use tokio::{sync::watch, task::JoinSet};

use crate::AgentState;

/// The attribute that LiveKit's clients read.
const ATTRIBUTE: &str = "lk.agent.state";

/// The sign. Only the latest state is shown; dropping it stops showing.
pub(crate) struct Sign {
    state: watch::Sender<AgentState>,
    _showing: JoinSet<()>,
}

impl Sign {
    /// Puts the sign up: initializing.
    pub(crate) fn put_up(room: Arc<dyn Room>) -> Self {
        let (state, shown) = watch::channel(AgentState::Initializing);
        let mut showing = JoinSet::new();
        showing.spawn(show(room, shown));
        Self {
            state,
            _showing: showing,
        }
    }

    /// Turns it; returns whether it shows something else now.
    pub(crate) fn turn(&self, state: AgentState) -> bool {
        self.state
            .send_if_modified(|shown| std::mem::replace(shown, state) != state)
    }
}

async fn show(room: Arc<dyn Room>, mut state: watch::Receiver<AgentState>) {
    loop {
        let word = state.borrow_and_update().as_str();
        let shown = Attributes::from([(ATTRIBUTE.to_owned(), word.to_owned())]);
        if let Err(error) = room.set_attributes(shown).await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the agent's state is not shown"
            );
        }
        if state.changed().await.is_err() {
            return;
        }
    }
}
