//! Who is in the room, and what follows from it.

use room_contract::Participant;
use room_contract::circle::circle;

use super::{Case, now};
use crate::escalation::machine::{Callee, Gone, LegId, News};

impl Case {
    /// Counts the callers, and notices contacts who have left their browser.
    pub(super) async fn look(&mut self) {
        let room = self.scene.room.clone();
        let Ok(session) = self.office.sessions.find_room(room).await else {
            return;
        };
        let people = session.people();
        for leg in self.left_browsers(people) {
            self.machine
                .handle_news(now(), News::Gone(leg, Gone::HungUp));
        }
        let callers = people.iter().filter(|one| self.is_caller(one)).count();
        self.had_callers |= callers > 0;
        // Whoever is about to come, or to come back, has not left.
        let are_away = callers == 0 && self.callers_by.is_some();
        if self.had_callers && !are_away {
            self.machine.handle_news(now(), News::Callers(callers));
        }
    }

    /// A contact who was to come, or to come back, and did not, has left.
    pub(super) fn miss_who_is_not_there(&mut self) {
        let missing: Vec<LegId> = self
            .lines
            .iter()
            .filter(|(_, line)| line.is_browser() && !line.was_seen)
            .map(|(leg, _)| *leg)
            .collect();
        for leg in missing {
            self.machine
                .handle_news(now(), News::Gone(leg, Gone::HungUp));
        }
    }

    fn is_caller(&self, one: &Participant) -> bool {
        let is_contact = self.lines.iter().any(|(leg, line)| {
            line.identity.as_ref() == Some(&one.identity)
                && self.machine.callee(*leg) != Some(Callee::Visitor)
        });
        one.is_there() && circle(&one.attributes).is_none() && !is_contact
    }

    /// Returns the legs of those who were in the room by a browser and are not any more.
    fn left_browsers(&mut self, people: &[Participant]) -> Vec<LegId> {
        let mut left = Vec::new();
        for (leg, line) in &mut self.lines {
            if !line.is_browser() {
                continue;
            }
            let is_there = people.iter().any(|one| line.is_there(one));
            if !is_there && line.was_seen {
                left.push(*leg);
            }
            line.was_seen |= is_there;
        }
        left
    }
}
