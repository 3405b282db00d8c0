//! What the agent is saying, or about to say.

use std::time::{Duration, Instant};

use crate::{Person, Prompt, Turn, TurnSettings, alarm::Alarm};

/// A reply that has not begun by then never will.
const BEGIN_WITHIN: Duration = Duration::from_secs(10);
/// The same while a tool works for it; tools have deadlines of their own.
const TOOL_WITHIN: Duration = Duration::from_secs(30);
/// Nobody talks so long without a pause; its end was lost.
const END_WITHIN: Duration = Duration::from_secs(600);
/// A reply that is held on and on by short noises was meant to stop.
const HOLD_AT_MOST: Duration = Duration::from_secs(5);

/// A turn that somebody has finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) person: Person,
    pub(crate) text: String,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

/// A reply under way.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) turn: Turn,
    pub(crate) kind: Kind,
    since: Instant,
    stage: Stage,
    held: Option<Instant>,
    filled: bool,
    tools: u32,
    tool_since: Option<Instant>,
    aside: Option<Said>,
}

/// Why it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Somebody's turn.
    Answer(Person),
    /// The session asked for it.
    Announcement,
    /// The machine asked for it.
    Prompt(Prompt),
}

#[derive(Debug)]
enum Stage {
    Awaited { since: Instant },
    Heard { since: Instant },
}

/// What a reply needs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    Nothing,
    Filler,
    GivenUp,
}

impl Reply {
    pub(crate) fn new(turn: Turn, kind: Kind, now: Instant) -> Self {
        Self {
            turn,
            kind,
            since: now,
            stage: Stage::Awaited { since: now },
            held: None,
            filled: false,
            tools: 0,
            tool_since: None,
            aside: None,
        }
    }

    pub(crate) fn handle_began(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Awaited { .. }) {
            self.stage = Stage::Heard { since: now };
        }
    }

    pub(crate) fn handle_tool_began(&mut self, now: Instant) {
        self.tools += 1;
        self.tool_since = Some(now);
        self.filled = false;
    }

    pub(crate) fn handle_tool_ended(&mut self, now: Instant) {
        self.tools = self.tools.saturating_sub(1);
        if self.tools == 0 {
            self.tool_since = None;
            if let Stage::Awaited { since } = &mut self.stage {
                *since = now;
            }
        }
    }

    /// Returns when it was decided on.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// Returns since when it is held.
    pub(crate) fn held(&self) -> Option<Instant> {
        self.held
    }

    pub(crate) fn hold(&mut self, now: Instant) {
        self.held = Some(now);
    }

    pub(crate) fn resume(&mut self, now: Instant) {
        self.held = None;
        if let Stage::Awaited { since } = &mut self.stage {
            *since = now;
        }
    }

    /// Keeps what was said aside: it is an answer if the reply ends right behind it.
    pub(crate) fn keep_aside(&mut self, said: Said) {
        self.aside = Some(said);
    }

    pub(crate) fn take_aside(&mut self) -> Option<Said> {
        self.aside.take()
    }

    pub(crate) fn is_held_too_long(&self, alarm: &mut Alarm) -> bool {
        self.held
            .is_some_and(|held| alarm.is_due(held + HOLD_AT_MOST))
    }

    /// Returns what it needs; a filler at most once per wait.
    pub(crate) fn need(&mut self, settings: &TurnSettings, alarm: &mut Alarm) -> Need {
        let waiting_since = match (self.tool_since, &self.stage) {
            (Some(tool), _) => Some(tool),
            (None, Stage::Awaited { since }) => Some(*since),
            (None, Stage::Heard { .. }) => None,
        };
        let limit = match (self.tool_since, &self.stage) {
            (Some(tool), _) => tool + TOOL_WITHIN,
            (None, Stage::Awaited { since }) => *since + BEGIN_WITHIN,
            (None, Stage::Heard { since }) => *since + END_WITHIN,
        };
        if alarm.is_due(limit) {
            return Need::GivenUp;
        }
        let patience = Duration::from_millis(settings.filler_after_ms.into());
        if let Some(since) = waiting_since
            && !self.filled
            && self.held.is_none()
            && !patience.is_zero()
            && alarm.is_due(since + patience)
        {
            self.filled = true;
            return Need::Filler;
        }
        Need::Nothing
    }
}
