//! What people say and type.

use std::sync::Arc;

use agent_contract::{Heard, Transcript};
use agent_turn::{Input, Person, VoiceEvent};
use room_contract::{Identity, TextReader};
use tokio::task::JoinError;

use super::{Conversation, Power};
use crate::{
    Blame, Entry, Event, How,
    listening::{Noticed, Told},
    reply::now,
    scribe::Line,
};

/// The longest message that is read from the chat, in bytes.
const LONGEST_MESSAGE: usize = 8_000;

/// Messages that are read at once; when there are more, further ones are not read.
const MOST_MESSAGES: usize = 16;

impl Conversation {
    pub(super) fn handle_noticed(&mut self, who: &Identity, noticed: Noticed) {
        match noticed {
            Noticed::Voice(event) => self.handle_voice(who, event),
            Noticed::Told(Told::Heard(heard)) if self.listens() => self.handle_heard(who, heard),
            // Said before the agent was switched off, understood after.
            Noticed::Told(Told::Heard(_)) => {}
            Noticed::Told(Told::Fault(blame)) => self.handle_fault(blame),
        }
    }

    fn handle_voice(&mut self, who: &Identity, event: VoiceEvent) {
        let now = now();
        let input = match event {
            VoiceEvent::Began { .. } => Input::VoiceBegan(person(who)),
            VoiceEvent::Ended { ago } => {
                if let Some(person) = self.people.get_mut(who) {
                    person.ended = now.checked_sub(ago);
                    person.typed = false;
                }
                Input::VoiceEnded(person(who))
            }
        };
        self.turns.handle(now, input);
    }

    fn handle_heard(&mut self, who: &Identity, heard: Heard) {
        let now = now();
        match heard {
            Heard::Interim(transcript) => {
                self.understand(who, &transcript, false);
                self.turns
                    .handle(now, Input::Interim(person(who), transcript.text));
            }
            Heard::Final(transcript) => {
                self.understand(who, &transcript, true);
                if self.power == Power::Off {
                    self.overhear(who, transcript.text);
                } else {
                    self.turns
                        .handle(now, Input::Final(person(who), transcript.text));
                }
            }
            Heard::EndOfTurn => self.turns.handle(now, Input::EndOfTurn(person(who))),
            _ => {}
        }
    }

    /// Shows everybody what was understood.
    fn understand(&mut self, who: &Identity, transcript: &Transcript, last: bool) {
        if transcript.text.trim().is_empty() {
            return;
        }
        if let Some(person) = self.people.get_mut(who) {
            person.understood = Some(now());
            person.typed = false;
        }
        let segment = self.people.segment(who, last);
        self.handle.tell(Event::Transcript {
            segment: segment.clone(),
            identity: who.to_string(),
            text: transcript.text.clone(),
            last,
        });
        self.scribe.write(Line::Person {
            who: who.clone(),
            track: self.ears.track_of(who).map(ToString::to_string),
            segment,
            text: transcript.text.clone(),
            last,
        });
    }

    /// Keeps what is said while the agent is switched off and everybody knows that it listens.
    fn overhear(&mut self, who: &Identity, text: String) {
        if !text.trim().is_empty() {
            self.note(&person(who), text, How::Overheard);
        }
    }

    pub(super) fn handle_fault(&mut self, blame: Blame) {
        self.handle.tell(Event::Fault {
            port: blame.port,
            provider: blame.provider.clone(),
            kind: blame.kind.clone(),
        });
        if let Some(reply) = &mut self.current {
            reply.watch.blame.push(blame.clone());
        }
        self.keep(Entry::Fault { blame });
    }

    /// Begins to read a message from the chat.
    pub(super) fn read_message(&mut self, mut message: Box<dyn TextReader>) {
        let who = message.info().sender;
        if self.people.is_apart(&who) {
            return;
        }
        if self.people.get(who.as_str()).is_none() {
            return self.keep_early(message);
        }
        if self.typing.len() == MOST_MESSAGES {
            return;
        }
        self.typing.spawn(async move {
            let text = message.read_all(LONGEST_MESSAGE).await;
            text.inspect_err(|error| {
                let error = error as &dyn std::error::Error;
                tracing::debug!(error, "a message could not be read");
            })
            .ok()
            .map(|text| (who, text))
        });
    }

    /// A browser may write before its arrival is told. When there are too many such messages, the oldest goes.
    fn keep_early(&mut self, message: Box<dyn TextReader>) {
        if self.early.len() == MOST_MESSAGES {
            self.early.pop_front();
        }
        self.early.push_back(message);
    }

    /// Begins to read what somebody wrote before their arrival.
    pub(super) fn read_early(&mut self, who: &Identity) {
        for message in std::mem::take(&mut self.early) {
            if message.info().sender == *who {
                self.read_message(message);
            } else {
                self.early.push_back(message);
            }
        }
    }

    pub(super) fn handle_typed(&mut self, typed: Result<Option<(Identity, String)>, JoinError>) {
        let Ok(Some((who, text))) = typed else {
            return;
        };
        // They may have been moved while it was read.
        if self.people.is_apart(&who) {
            return;
        }
        if self.power == Power::Off {
            if self.studio.profile.listen_while_off {
                self.overhear(&who, text);
            }
            return;
        }
        let now = now();
        if let Some(person) = self.people.get_mut(&who) {
            person.ended = Some(now);
            person.understood = Some(now);
            person.typed = true;
        }
        self.show_typed(&who, text.clone());
        self.turns.handle(now, Input::Typed(person(&who), text));
    }

    /// Tells those who watch what somebody has written.
    pub(super) fn show_typed(&mut self, who: &Identity, text: String) {
        self.handle.tell(Event::Transcript {
            segment: self.people.segment(who, true),
            identity: who.to_string(),
            text,
            last: true,
        });
    }
}

pub(super) fn person(who: &Identity) -> Person {
    Person(Arc::from(who.as_str()))
}
