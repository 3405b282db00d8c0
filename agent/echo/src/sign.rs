//! Shows the agent's state to everybody, without holding up the conversation.

use std::sync::Arc;

use room_contract::{Attributes, Room};
use tokio::{sync::watch, task::JoinSet};

/// The attribute that LiveKit's clients read.
const ATTRIBUTE: &str = "lk.agent.state";

/// What the agent is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Listening,
    Speaking,
}

/// The sign. Only the latest state is shown; dropping it stops showing.
pub(crate) struct Sign {
    state: watch::Sender<State>,
    _showing: JoinSet<()>,
}

impl Sign {
    /// Puts the sign up: listening.
    pub(crate) fn put_up(room: Arc<dyn Room>) -> Self {
        let (state, shown) = watch::channel(State::Listening);
        let mut showing = JoinSet::new();
        showing.spawn(show(room, shown));
        Self {
            state,
            _showing: showing,
        }
    }

    pub(crate) fn turn(&self, state: State) {
        self.state
            .send_if_modified(|shown| std::mem::replace(shown, state) != state);
    }
}

async fn show(room: Arc<dyn Room>, mut state: watch::Receiver<State>) {
    loop {
        let word = match *state.borrow_and_update() {
            State::Listening => "listening",
            State::Speaking => "speaking",
        };
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
