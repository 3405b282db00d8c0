//! Does what turn-taking decides.

use std::sync::Arc;

use agent_contract::{Message, ThoughtRequest, Toolbox};
use agent_turn::{Action, Person, Prompt, Turn};
use room_contract::Identity;

use super::{Conversation, Ending, GOODBYE};
use crate::{
    Ended, Entry, How,
    reply::{Reply, Script, Studio, Trust, now},
};

impl Conversation {
    pub(super) fn act(&mut self) {
        while let Some(action) = self.turns.poll_action() {
            tracing::debug!(action = action_name(&action), "turn-taking decided");
            self.perform(action);
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Finalize(person) => self.ears.finalize(&person.0),
            Action::Prepare { turn, person, text } => self.prepare(turn, &person, text),
            Action::Discard(turn) => drop(self.take_prepared(turn)),
            Action::Answer { turn, person, text } => self.answer(turn, &person, text),
            Action::Note { person, text } => self.note(&person, text, How::Spoken),
            Action::Speak(turn) => {
                let announcement = self.take_prepared(turn);
                self.make_current(announcement);
            }
            Action::Pause(turn) => self.hold(turn),
            Action::Resume(turn) => self.resume(turn),
            Action::Stop(turn) => {
                if self
                    .current
                    .as_ref()
                    .is_some_and(|reply| reply.turn == turn)
                {
                    self.stop_current();
                }
            }
            Action::Fill(turn) => self.fill(turn),
            Action::Prompt(turn, prompt) => {
                let reply = self.phrase(turn, self.prompt_text(prompt));
                self.make_current(Some(reply));
            }
            Action::HangUp(why) => self.hang_up(why),
        }
    }

    fn prepare(&mut self, turn: Turn, person: &Person, text: String) {
        if self.studio.providers.thinker.capabilities().preemptive {
            let mut reply = self.think(turn, person, Some(text));
            reply.watch.prepared = true;
            self.prepared.push(reply);
        }
    }

    fn answer(&mut self, turn: Turn, person: &Person, text: String) {
        self.note(person, text, self.how(person));
        let mut reply = match self.take_prepared(turn) {
            Some(reply) => reply,
            None => self.think(turn, person, None),
        };
        let now = now();
        let timing = self.people.get(&person.0);
        reply.watch.ended = timing.and_then(|timing| timing.ended.or(timing.understood));
        reply.watch.ended.get_or_insert(now);
        reply.watch.understood = timing.and_then(|timing| timing.understood);
        reply.watch.answered = Some(now);
        reply.commit();
        self.make_current(Some(reply));
    }

    /// Begins to think of an answer, to the conversation so far or to words that may become part of it.
    fn think(&self, turn: Turn, person: &Person, newest: Option<String>) -> Reply {
        let mut messages = self.history.messages();
        let name = self.people.get(&person.0).and_then(|p| p.name.as_deref());
        messages.extend(newest.map(|text| Message::Person {
            name: self.history.name(&person.0, name),
            text,
        }));
        let studio = Studio {
            tools: self.tools(person),
            ..self.studio.clone()
        };
        let profile = &studio.profile;
        let tokens = profile.limits.reply_tokens;
        let request = ThoughtRequest {
            instructions: profile.persona.as_str().into(),
            messages,
            tools: studio.tools.specs(),
            language: studio.language.clone(),
            max_tokens: (tokens > 0).then_some(tokens),
        };
        let script = Script::Answer {
            request: Box::new(request),
            speaker: Some(Arc::clone(&person.0)),
        };
        Reply::begin(studio, turn, script)
    }

    /// Returns the agent's own tools and those that people who are there bring along.
    fn tools(&self, speaker: &Person) -> Toolbox {
        let is_there = |who: &Identity| self.people.get(who.as_str()).is_some();
        self.offers
            .among(&self.studio.tools, &speaker.0, &self.room, is_there)
    }

    pub(super) fn phrase(&self, turn: Turn, text: String) -> Reply {
        let trust = self.trust;
        Reply::begin(self.studio.clone(), turn, Script::Phrase { text, trust })
    }

    fn fill(&mut self, turn: Turn) {
        let waits = self
            .current
            .as_ref()
            .is_some_and(|reply| reply.turn == turn && !reply.has_begun() && !reply.is_held());
        if waits && self.filler.is_none() {
            self.filler = Some(self.phrase(turn, self.phrases.filler()));
        }
    }

    fn prompt_text(&self, prompt: Prompt) -> String {
        match prompt {
            Prompt::Idle(count) => self.phrases.idle(count),
            Prompt::NotUnderstood => self.phrases.not_understood(),
            Prompt::Failed => self.phrases.apology(),
            Prompt::IdleTooLong | Prompt::TooLong | Prompt::Asked => self.phrases.goodbye(),
        }
    }

    fn hang_up(&mut self, why: Prompt) {
        let ended = match why {
            Prompt::IdleTooLong => Ended::Idle,
            Prompt::TooLong => Ended::TooLong,
            Prompt::Asked | Prompt::Idle(_) | Prompt::NotUnderstood | Prompt::Failed => {
                Ended::HungUp
            }
        };
        self.ending = Some(Ending {
            why: ended,
            at_the_latest: now() + GOODBYE,
            said: false,
        });
        // A thinker that ends the call has said goodbye itself, as a rule.
        let has_said_it = why == Prompt::Asked && self.history.last_said_by_agent().is_some();
        if !has_said_it && !self.people.is_empty() {
            let turn = self.turns.next_turn();
            let goodbye = self.phrase(turn, self.phrases.goodbye());
            self.make_current(Some(goodbye));
        }
    }

    /// Keeps what somebody said.
    pub(super) fn note(&mut self, person: &Person, text: String, how: How) {
        let name = self.people.get(&person.0).and_then(|p| p.name.clone());
        self.keep(Entry::Person {
            identity: person.0.to_string(),
            name,
            text,
            how,
        });
    }

    pub(super) fn keep(&mut self, entry: Entry) {
        self.keeper.keep(entry.clone());
        self.history.add(entry);
    }

    pub(super) fn distrust_speaker(&mut self) {
        self.trust = Trust::Spare;
    }

    fn how(&self, person: &Person) -> How {
        match self.people.get(&person.0) {
            Some(person) if person.typed => How::Typed,
            _ => How::Spoken,
        }
    }
}

/// What was said does not belong into the log.
fn action_name(action: &Action) -> &'static str {
    match action {
        Action::Finalize(_) => "finalize",
        Action::Prepare { .. } => "prepare",
        Action::Discard(_) => "discard",
        Action::Answer { .. } => "answer",
        Action::Note { .. } => "note",
        Action::Speak(_) => "speak",
        Action::Pause(_) => "pause",
        Action::Resume(_) => "resume",
        Action::Stop(_) => "stop",
        Action::Fill(_) => "fill",
        Action::Prompt(..) => "prompt",
        Action::HangUp(_) => "hang_up",
    }
}
