//! Who gets the floor next: a turn, a prompt, an announcement, or a reply prepared ahead.

use std::time::{Duration, Instant};

use super::{Floor, MOST_WAITING, Phase, TurnTaking};
use crate::{
    Action, Person, Prompt, Turn,
    alarm::Alarm,
    reply::{Kind, Reply, Said},
    words,
};

/// Somebody else who speaks meanwhile is let finish for so long.
const OTHERS_FIRST: Duration = Duration::from_secs(2);
/// Words that stand so long may be the last ones.
const STABLE: Duration = Duration::from_millis(200);
/// More guesses per turn cost more than they win.
const MOST_PREPARED: u32 = 3;
/// What is being said when the end was asked for has so long.
const END_WITHIN: Duration = Duration::from_secs(30);

impl TurnTaking {
    pub(super) fn queue_announcement(&mut self, turn: Turn) {
        let is_known = self.announcements.contains(&turn)
            || matches!(&self.floor, Floor::Replying(reply) if reply.turn == turn);
        if is_known {
            return;
        }
        // Whoever counts by themselves must not meet a number given out later.
        self.last_turn = self.last_turn.max(turn.0);
        if self.announcements.len() == MOST_WAITING
            && let Some(oldest) = self.announcements.pop_front()
        {
            self.actions.push_back(Action::Discard(oldest));
        }
        self.announcements.push_back(turn);
    }

    /// Forgets the prepared reply, if there is one.
    pub(super) fn discard(&mut self) {
        if let Floor::Prepared { turn, .. } = &self.floor {
            self.actions.push_back(Action::Discard(*turn));
            self.floor = Floor::Free;
        }
    }

    pub(super) fn discard_outdated(&mut self) -> bool {
        let Floor::Prepared { person, text, .. } = &self.floor else {
            return false;
        };
        let is_waiting = |said: &Said| said.person == *person && words::same(&said.text, text);
        let still_said = self.company.people.get(person);
        let holds = still_said.is_some_and(|speech| words::same(&speech.text(), text))
            || self.waiting.iter().any(is_waiting);
        if !holds {
            self.discard();
        }
        !holds
    }

    /// Gives a free floor to what has waited for it.
    pub(super) fn take_floor(&mut self, alarm: &mut Alarm) -> bool {
        if matches!(self.floor, Floor::Replying(_)) {
            return false;
        }
        if let Some(said) = self.waiting.front() {
            let until = said.ended + OTHERS_FIRST;
            let person = said.person.clone();
            if self.others_speak(&person, alarm) && !alarm.is_due(until) {
                return false;
            }
            return self.take_turn(alarm.now());
        }
        if self.company.is_empty() || self.somebody_is_heard() {
            return false;
        }
        if let Some(prompt) = self.owed.take() {
            self.prompt(prompt, alarm.now());
            return true;
        }
        let Some(turn) = self.announcements.pop_front() else {
            return false;
        };
        self.announce(turn, alarm.now());
        true
    }

    /// Begins a reply to words that may be the last ones.
    pub(super) fn prepare(&mut self, alarm: &mut Alarm) -> bool {
        if !self.settings.preemptive || !matches!(self.floor, Floor::Free) {
            return false;
        }
        let Some(person) = self.preparable(alarm) else {
            return false;
        };
        let turn = self.next_turn();
        let Some(speech) = self.company.people.get_mut(&person) else {
            return false;
        };
        speech.count_prepared();
        let text = speech.text();
        self.actions.push_back(Action::Prepare {
            turn,
            person: person.clone(),
            text: text.clone(),
        });
        self.floor = Floor::Prepared { turn, person, text };
        true
    }

    /// Asks whether anybody is there, and ends when nobody is.
    pub(super) fn mind_the_quiet(&mut self, alarm: &mut Alarm) -> bool {
        let Some(patience) = self.settings.idle_prompt_after() else {
            return false;
        };
        let is_quiet = matches!(self.floor, Floor::Free)
            && !self.company.is_empty()
            && !self.company.is_shared(&self.settings)
            && self.waiting.is_empty();
        if !is_quiet {
            self.quiet.since = None;
            return false;
        }
        let since = *self.quiet.since.get_or_insert(alarm.now());
        if self.somebody_is_heard() || !alarm.is_due(since + patience) {
            return false;
        }
        if self.quiet.prompts >= self.settings.idle_prompts {
            self.hang_up(alarm.now(), Prompt::IdleTooLong);
            return true;
        }
        self.quiet.prompts += 1;
        self.prompt(Prompt::Idle(self.quiet.prompts), alarm.now());
        true
    }

    /// Begins to end a conversation that has become too long.
    pub(super) fn begin_to_end(&mut self, alarm: &mut Alarm) -> bool {
        let limit = Duration::from_secs(self.settings.max_duration_s.into());
        if limit.is_zero() || !alarm.is_due(self.started + limit) {
            return false;
        }
        self.phase = Phase::Ending {
            since: alarm.now(),
            why: Prompt::TooLong,
        };
        true
    }

    /// Ends after what is being said, and what was announced before.
    pub(super) fn end(&mut self, since: Instant, why: Prompt, alarm: &mut Alarm) -> bool {
        let is_speaking = matches!(self.floor, Floor::Replying(_));
        if !alarm.is_due(since + END_WITHIN) {
            if is_speaking {
                return false;
            }
            if !self.company.is_empty()
                && let Some(turn) = self.announcements.pop_front()
            {
                self.announce(turn, alarm.now());
                return true;
            }
        }
        self.hang_up(alarm.now(), why);
        true
    }

    /// Answers the turn that waited longest, or notes it.
    fn take_turn(&mut self, now: Instant) -> bool {
        let Some(mut said) = self.waiting.pop_front() else {
            return false;
        };
        // What somebody said in several pieces meanwhile is one turn.
        while self
            .waiting
            .front()
            .is_some_and(|next| next.person == said.person)
            && let Some(next) = self.waiting.pop_front()
        {
            said.text.push(' ');
            said.text.push_str(&next.text);
        }
        self.quiet = super::Quiet::default();
        if !self.company.is_addressed(&said, &self.settings) {
            self.company.end_exchange();
            self.note(said);
            return true;
        }
        let turn = match &self.floor {
            Floor::Prepared { turn, person, text }
                if *person == said.person && words::same(text, &said.text) =>
            {
                *turn
            }
            Floor::Prepared { .. } | Floor::Free | Floor::Replying(_) => {
                self.discard();
                self.next_turn()
            }
        };
        self.owed = None;
        self.company.begin_exchange(&said.person);
        self.floor = Floor::Replying(Reply::new(turn, Kind::Answer(said.person.clone()), now));
        self.actions.push_back(Action::Answer {
            turn,
            person: said.person,
            text: said.text,
        });
        true
    }

    fn prompt(&mut self, prompt: Prompt, now: Instant) {
        self.discard();
        let turn = self.next_turn();
        self.floor = Floor::Replying(Reply::new(turn, Kind::Prompt(prompt), now));
        self.actions.push_back(Action::Prompt(turn, prompt));
    }

    fn announce(&mut self, turn: Turn, now: Instant) {
        self.discard();
        self.floor = Floor::Replying(Reply::new(turn, Kind::Announcement, now));
        self.actions.push_back(Action::Speak(turn));
    }

    fn preparable(&self, alarm: &mut Alarm) -> Option<Person> {
        let now = alarm.now();
        for (person, speech) in &self.company.people {
            let text = speech.text();
            if !speech.has_words() || speech.prepared() >= MOST_PREPARED {
                continue;
            }
            let said = Said {
                person: person.clone(),
                text,
                began: speech.began().unwrap_or(now),
                ended: now,
            };
            if self.company.is_addressed(&said, &self.settings)
                && speech.is_answerable(STABLE, alarm)
            {
                return Some(person.clone());
            }
        }
        None
    }

    fn others_speak(&self, person: &Person, alarm: &mut Alarm) -> bool {
        let others = self
            .company
            .people
            .iter()
            .filter(|(other, _)| *other != person);
        let mut speak = false;
        for (_, speech) in others {
            speak |= speech.is_speaking(alarm) || speech.has_words();
        }
        speak
    }

    fn somebody_is_heard(&self) -> bool {
        self.company.people.values().any(|speech| speech.is_open())
    }
}
