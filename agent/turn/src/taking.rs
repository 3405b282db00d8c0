//! The state machine.

use std::{collections::VecDeque, time::Instant};

use crate::{Action, Input, Turn, TurnSettings};

/// Decides whose turn it is. Holds no socket, no task, no clock.
#[derive(Debug)]
pub struct TurnTaking {
    settings: TurnSettings,
    actions: VecDeque<Action>,
    idle_since: Instant,
    last_turn: u64,
}

impl TurnTaking {
    /// Begins a conversation.
    #[must_use]
    pub fn new(settings: TurnSettings, now: Instant) -> Self {
        Self {
            settings,
            actions: VecDeque::new(),
            idle_since: now,
            last_turn: 0,
        }
    }

    /// Returns a number that no turn has, for an [announcement](Input::Announce).
    pub fn next_turn(&mut self) -> Turn {
        self.last_turn += 1;
        Turn(self.last_turn)
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, _input: Input) {
        self.idle_since = now;
    }

    /// Returns when to call [`handle_timeout`](Self::handle_timeout).
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        Some(self.idle_since + self.settings.idle_prompt_after()?)
    }

    /// Takes in that time has passed.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// Takes out what to do next.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }
}
