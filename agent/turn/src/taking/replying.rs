//! A reply under way: how it is interrupted, and how it ends.

use std::time::{Duration, Instant};

use super::{Floor, TurnTaking};
use crate::{
    Action, Prompt, Turn,
    alarm::Alarm,
    reply::{Kind, Need, Reply},
    speech::Grip,
};

/// A "yes" so shortly before the end of a reply answers it.
const ANSWERS_WITHIN: Duration = Duration::from_millis(1_500);

impl TurnTaking {
    pub(super) fn on_reply(&mut self, turn: Turn, what: impl FnOnce(&mut Reply)) {
        if let Floor::Replying(reply) = &mut self.floor
            && reply.turn == turn
        {
            what(reply);
        }
    }

    pub(super) fn finish_reply(&mut self, now: Instant, turn: Turn) {
        if let Some(mut reply) = self.take_reply(now, turn)
            && let Some(aside) = reply.take_aside()
            && now.saturating_duration_since(aside.ended) <= ANSWERS_WITHIN
        {
            self.queue_turn(aside);
        }
    }

    pub(super) fn lose_reply(&mut self, now: Instant, turn: Turn) {
        if let Some(reply) = self.take_reply(now, turn) {
            self.owe_an_apology(&reply.kind);
        }
    }

    /// Drops the reply that is under way.
    pub(super) fn stop_reply(&mut self, now: Instant) {
        if let Floor::Replying(reply) = &self.floor {
            let turn = reply.turn;
            self.actions.push_back(Action::Stop(turn));
            self.take_reply(now, turn);
        }
    }

    /// Lets go of a held reply, or stops it.
    pub(super) fn judge_interruption(&mut self, alarm: &mut Alarm) -> bool {
        let Floor::Replying(reply) = &mut self.floor else {
            return false;
        };
        if !self.settings.interruptible {
            return false;
        }
        let people = &mut self.company.people;
        // Words that were there before wait for their turn.
        let since = reply.since();
        let is_meant = people.values().any(|speech| speech.is_meant_since(since));
        if is_meant {
            self.stop_reply(alarm.now());
            return true;
        }
        let Some(held) = reply.held() else {
            return false;
        };
        let mut undecided = false;
        let mut lasting = reply.is_held_too_long(alarm);
        for speech in people.values() {
            match speech.grip(held, &self.settings, alarm) {
                Grip::Undecided => undecided = true,
                Grip::Lasting => lasting = true,
                Grip::Gone => {}
            }
        }
        if lasting {
            for speech in people.values_mut() {
                speech.mark_interrupting();
            }
            self.stop_reply(alarm.now());
            return true;
        }
        if undecided {
            return false;
        }
        reply.resume(alarm.now());
        self.actions.push_back(Action::Resume(reply.turn));
        true
    }

    /// Fills a long wait, and gives up on a reply that does not come.
    pub(super) fn watch_reply(&mut self, alarm: &mut Alarm) -> bool {
        let Floor::Replying(reply) = &mut self.floor else {
            return false;
        };
        match reply.need(&self.settings, alarm) {
            Need::Nothing => false,
            Need::Filler => {
                self.actions.push_back(Action::Fill(reply.turn));
                true
            }
            Need::GivenUp => {
                let kind = reply.kind.clone();
                self.stop_reply(alarm.now());
                self.owe_an_apology(&kind);
                true
            }
        }
    }

    fn take_reply(&mut self, now: Instant, turn: Turn) -> Option<Reply> {
        match std::mem::replace(&mut self.floor, Floor::Free) {
            Floor::Replying(reply) if reply.turn == turn => {
                self.company.rest_exchange(now);
                self.quiet.since = None;
                Some(reply)
            }
            other @ (Floor::Free | Floor::Prepared { .. } | Floor::Replying(_)) => {
                self.floor = other;
                None
            }
        }
    }

    /// An apology that fails as well is not followed by another; the quiet is minded all the same.
    fn owe_an_apology(&mut self, kind: &Kind) {
        match kind {
            Kind::Answer(_) | Kind::Announcement => self.owed = Some(Prompt::Failed),
            Kind::Prompt(_) => {}
        }
    }
}
