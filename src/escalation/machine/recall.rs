//! A callback: an escalation whose caller is called after a contact has accepted. Nobody hears anything before. Pure.

use std::time::{Duration, Instant};

use super::{Action, Callee, Farewell, LegId, Line, Machine, Outcome, Phase, Stage};

/// Whoever picks up counts as a human only once the carrier has listened for a while.
const LISTENING: Duration = Duration::from_secs(8);

impl Machine {
    /// A contact wants the call: they hear music while the caller's telephone rings.
    pub(super) fn reach_visitor(&mut self, now: Instant, contact: LegId) {
        self.set(contact, Stage::In);
        self.phase = Phase::Reaching(contact);
        self.next_word = now + self.patience.word;
        self.act(Action::Admit(contact));
        self.act(Action::Return);
        self.act(Action::Music(true));
        self.act(Action::Say(Line::CallingBack));
        self.call(now, Callee::Visitor, self.patience.ring + LISTENING);
        self.end_contacts(now, Farewell::Taken);
    }

    /// The caller is there: both can talk.
    pub(super) fn bring_together(&mut self, visitor: LegId, contact: LegId) {
        self.set(visitor, Stage::In);
        self.callers = self.callers.max(1);
        self.phase = Phase::Connected(contact);
        self.act(Action::Music(false));
        self.act(Action::Admit(visitor));
        if let Some(contact) = self.contact(contact) {
            self.act(Action::Say(Line::CalledBack(contact)));
        }
        self.act(Action::Yield);
    }

    /// The caller cannot be had: the contact is told, with music until they are out.
    pub(super) fn miss_visitor(&mut self, now: Instant) {
        self.act(Action::Say(Line::VisitorAway));
        self.close(now, Outcome::VisitorAway, Farewell::VisitorAway);
    }
}
