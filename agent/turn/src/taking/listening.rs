//! What comes in from people: voices, words, typed lines, and turns that are over.

use std::time::Instant;

use super::{Floor, MOST_WAITING, Phase, TurnTaking};
use crate::{
    Action, Person, Prompt,
    alarm::Alarm,
    reply::Said,
    speech::Outcome,
    words::{self, Remark},
};

/// After so many words that were not understood the agent asks no more; the idle prompts go on.
const MOST_MISHEARD: u32 = 2;

impl TurnTaking {
    pub(super) fn hear_voice(&mut self, now: Instant, person: &Person) {
        let Some(speech) = self.company.people.get_mut(person) else {
            return;
        };
        speech.handle_voice_began(now);
        if let Floor::Replying(reply) = &mut self.floor
            && self.settings.interruptible
            && reply.held().is_none()
        {
            reply.hold(now);
            self.actions.push_back(Action::Pause(reply.turn));
        }
    }

    pub(super) fn hear_interim(&mut self, now: Instant, person: &Person, text: &str) {
        if let Some(speech) = self.company.people.get_mut(person)
            && speech.handle_interim(now, text)
        {
            self.quiet.since = None;
        }
    }

    pub(super) fn hear_final(&mut self, now: Instant, person: Person, text: String) {
        if let Some(speech) = self.company.people.get_mut(&person) {
            if speech.handle_final(now, &text) {
                self.quiet.since = None;
            }
        } else if !words::words(&text).is_empty() {
            // Said before they left.
            self.actions.push_back(Action::Note { person, text });
        }
    }

    pub(super) fn read(&mut self, now: Instant, person: Person, text: String) {
        if text.trim().is_empty() {
            return;
        }
        let said = Said {
            person,
            text,
            began: now,
            ended: now,
        };
        let is_meant = self.company.is_addressed(&said, &self.settings);
        if self.settings.interruptible && is_meant {
            self.stop_reply(now);
        }
        self.queue_turn(said);
    }

    pub(super) fn see_off(&mut self, now: Instant, person: &Person) {
        let Some(speech) = self.company.people.remove(person) else {
            return;
        };
        if speech.has_words() {
            self.actions.push_back(Action::Note {
                person: person.clone(),
                text: speech.text(),
            });
        }
        if matches!(&self.floor, Floor::Prepared { person: whose, .. } if whose == person) {
            self.discard();
        }
        if self.company.is_empty() {
            self.stop_reply(now);
            self.owed = None;
        }
    }

    /// Asks transcribers for what they have not told of speech that has paused.
    pub(super) fn ask_for_finals(&mut self, alarm: &mut Alarm) -> bool {
        let mut asked = false;
        for (person, speech) in &mut self.company.people {
            if speech.wants_final(&self.settings, alarm) {
                self.actions.push_back(Action::Finalize(person.clone()));
                asked = true;
            }
        }
        asked
    }

    /// Takes in the next stretch of speech that is over.
    pub(super) fn collect_turns(&mut self, alarm: &mut Alarm) -> bool {
        let now = alarm.now();
        for (person, speech) in &mut self.company.people {
            let outcome = speech.outcome(&self.settings, alarm);
            if outcome == Outcome::Open {
                continue;
            }
            let person = person.clone();
            let began = speech.began().unwrap_or(now);
            speech.close(now);
            match outcome {
                Outcome::Open | Outcome::Noise => {}
                Outcome::Misheard => self.mishear(&person, began),
                Outcome::Said(text) => self.collect(Said {
                    person,
                    text,
                    began,
                    ended: now,
                }),
            }
            return true;
        }
        false
    }

    /// Keeps the words of everybody that have not become turns.
    pub(super) fn note_the_rest(&mut self, now: Instant) {
        while let Some(said) = self.waiting.pop_front() {
            self.note(said);
        }
        for (person, speech) in &self.company.people {
            if speech.has_words() {
                self.actions.push_back(Action::Note {
                    person: person.clone(),
                    text: speech.text(),
                });
            }
        }
        self.company.close_all(now);
    }

    pub(super) fn note(&mut self, said: Said) {
        self.actions.push_back(Action::Note {
            person: said.person,
            text: said.text,
        });
    }

    pub(super) fn queue_turn(&mut self, said: Said) {
        if self.waiting.len() == MOST_WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.note(oldest);
        }
        self.waiting.push_back(said);
    }

    fn collect(&mut self, said: Said) {
        let Floor::Replying(reply) = &mut self.floor else {
            self.queue_turn(said);
            return;
        };
        match Remark::of(&said.text) {
            Remark::Meant => self.queue_turn(said),
            Remark::Agreeing => reply.keep_aside(said),
            Remark::Listening | Remark::Nothing => {}
        }
    }

    fn mishear(&mut self, person: &Person, began: Instant) {
        let is_between_others =
            self.company.is_shared(&self.settings) && !self.company.is_in_exchange(person, began);
        let is_free = !matches!(self.floor, Floor::Replying(_));
        if !matches!(self.phase, Phase::On) || is_between_others || !is_free {
            return;
        }
        if self.quiet.misheard < MOST_MISHEARD || self.settings.idle_prompt_after().is_none() {
            self.quiet.misheard += 1;
            self.owed = Some(Prompt::NotUnderstood);
        }
    }
}
