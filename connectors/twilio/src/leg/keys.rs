//! Keys that were pressed, until somebody is there who takes them.

use std::{collections::VecDeque, time::Duration};

use room_contract::{ParticipantKind, circle::circle};
use tokio::time::Instant;

use super::{Leg, LegEvent, handle::tell};

/// How long keys wait for an agent: one that comes, or comes back, is there by then. Others may want them as well.
const PATIENCE: Duration = Duration::from_secs(3);

/// As many as the longest number that is typed.
const MOST: usize = 32;

/// A key, as of the moment when it was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) digit: char,
    /// The circle that the caller was in; none is the main one.
    pub(super) circle: Option<String>,
}

/// What was pressed and not told yet, oldest first.
#[derive(Debug, Default)]
pub(super) struct Keys {
    waiting: VecDeque<Key>,
    until: Option<Instant>,
}

impl Keys {
    /// Takes a key. Returns whether it is kept: a caller who goes on pressing loses what is too much.
    pub(super) fn press(&mut self, now: Instant, key: Key) -> bool {
        let is_kept = self.waiting.len() < MOST;
        if is_kept {
            self.until.get_or_insert(now + PATIENCE);
            self.waiting.push_back(key);
        }
        is_kept
    }

    /// When they are told to whoever is there.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Returns what is to be told now.
    pub(super) fn take(&mut self, now: Instant, is_wanted: impl FnOnce() -> bool) -> VecDeque<Key> {
        match self.until {
            Some(until) if until <= now || is_wanted() => {
                self.until = None;
                std::mem::take(&mut self.waiting)
            }
            _ => VecDeque::new(),
        }
    }
}

impl Leg {
    /// Takes a key that the caller pressed.
    pub(super) fn handle_key(&mut self, now: Instant, digit: char) {
        let circle = circle(&self.room.attributes()).map(str::to_owned);
        if !self.keys.press(now, Key { digit, circle }) {
            tracing::warn!("a key is lost: nobody takes them");
        }
        self.tell_keys(now);
        tell(&self.owner, LegEvent::Digit(digit));
    }

    /// Tells the room which keys were pressed, as soon as there is an agent who can be told.
    pub(super) fn tell_keys(&mut self, now: Instant) {
        let is_agent_there = || {
            let others = self.room.participants();
            let mut agents = others
                .iter()
                .filter(|other| other.kind == ParticipantKind::Agent);
            // Whoever has a voice has all that data takes, too.
            agents.any(|agent| !agent.tracks.is_empty())
        };
        for key in self.keys.take(now, is_agent_there) {
            self.outbox.key(key);
        }
    }
}
