//! Who comes and goes, and what is asked from outside.

use agent_turn::Input;
use room_contract::{Identity, Listeners, RoomEvent, Whom, telephone::KEYS};

use super::{Conversation, Power, hearing::person};
use crate::{
    AgentState, Ended, Entry, Event, Switch, handle::Command, listening::WORDS, offers::TOOLS,
    people::Move, reply::now,
};

const CHAT: &str = "lk.chat";

impl Conversation {
    /// Takes in what happened in the room; returns why it is over, if it is.
    pub(super) fn handle_event(&mut self, event: Option<RoomEvent>) -> Option<Ended> {
        let reason = self.take_in(event);
        while let Some(step) = self.people.poll_move() {
            match step {
                Move::LetHear(listeners) => self.let_hear(listeners),
                Move::Came(who) => self.greet(&who),
                Move::Went(who) => self.part(&who),
            }
        }
        reason
    }

    fn take_in(&mut self, event: Option<RoomEvent>) -> Option<Ended> {
        match event {
            None => return Some(Ended::ConnectionLost),
            Some(RoomEvent::Ended(why)) => return Some(ended(why)),
            Some(RoomEvent::ParticipantJoined(other)) => self.people.join(other),
            Some(RoomEvent::ParticipantLeft(who)) => {
                self.offers.forget(&who);
                self.people.leave(&who);
            }
            Some(RoomEvent::AttributesChanged { identity, changed })
                if identity == self.room.identity() =>
            {
                self.people.change_agent(&changed);
            }
            Some(RoomEvent::AttributesChanged { identity, changed }) => {
                self.people.change(&identity, &changed);
            }
            Some(RoomEvent::Data {
                from: Some(who),
                payload,
                topic: Some(topic),
                ..
            }) => self.handle_data(who, topic.as_str(), &payload),
            Some(RoomEvent::TrackSubscribed { identity, track }) => {
                if self.listens() && self.people.get(identity.as_str()).is_some() {
                    self.ears.open(&*self.room, identity, track.id);
                }
            }
            Some(RoomEvent::TrackUnsubscribed { track, .. }) => self.ears.close(&track),
            Some(RoomEvent::TextStream(reader)) if reader.info().topic.as_str() == CHAT => {
                self.read_message(reader);
            }
            // An agent has no use for anything else.
            Some(_) => {}
        }
        None
    }

    fn handle_data(&mut self, who: Identity, topic: &str, payload: &[u8]) {
        match topic {
            KEYS => self.handle_key(&who, payload),
            TOOLS => self.offers.announce(who, payload),
            WORDS if self.people.get(who.as_str()).is_some() => {
                self.ears.handle_own(&who, payload);
            }
            // An agent has no use for anything else.
            _ => {}
        }
    }

    pub(super) fn handle_command(&mut self, command: Command) {
        match command {
            Command::Say(text) if self.power == Power::On => self.announce(text),
            Command::Say(_) => {}
            Command::Note(text) => self.keep(Entry::Note { text }),
            Command::Switch(Switch::Off) => self.switch_off(),
            Command::Switch(Switch::On) => self.switch_on(),
            Command::HangUp => self.say_goodbye(),
        }
    }

    pub(super) fn say_goodbye(&mut self) {
        let goodbye = self.phrases.goodbye();
        self.announce(goodbye);
        self.turns.handle(now(), Input::EndAsked);
    }

    /// Shows the state to everybody.
    pub(super) fn show(&mut self) {
        let state = match (&self.current, self.power) {
            (_, Power::Off) => AgentState::Idle,
            (None, Power::On) => AgentState::Listening,
            (Some(reply), Power::On) if reply.is_held() => AgentState::Listening,
            (Some(reply), Power::On) if reply.has_begun() => AgentState::Speaking,
            (Some(reply), Power::On) if reply.watch.answered.is_some() => AgentState::Thinking,
            // A phrase needs no thought.
            (Some(_), Power::On) => AgentState::Listening,
        };
        if self.sign.turn(state) {
            self.handle.tell(Event::State { state });
        }
    }

    fn let_hear(&mut self, listeners: Listeners) {
        self.room.let_hear(listeners.clone());
        self.scribe.address(listeners);
    }

    fn greet(&mut self, who: &Identity) {
        self.alone_since = None;
        self.turns.handle(now(), Input::Joined(person(who)));
        self.read_early(who);
        if self.listens() {
            self.room.subscribe(Whom::Only(who.clone()));
        }
    }

    fn part(&mut self, who: &Identity) {
        self.room.unsubscribe(Whom::Only(who.clone()));
        self.turns.handle(now(), Input::Left(person(who)));
        self.ears.close_person(who);
        if self.people.is_empty() {
            self.alone_since = Some(now());
        }
    }

    pub(super) fn listens(&self) -> bool {
        self.power == Power::On || self.studio.profile.listen_while_off
    }

    fn switch_off(&mut self) {
        if self.power == Power::Off {
            return;
        }
        self.turns.handle(now(), Input::SwitchedOff);
        self.act();
        self.power = Power::Off;
        self.prepared.clear();
        if !self.listens() {
            self.room.unsubscribe(Whom::Everybody);
            self.ears.close_all();
        }
    }

    fn switch_on(&mut self) {
        if self.power == Power::On {
            return;
        }
        let listened = self.listens();
        self.power = Power::On;
        self.turns.handle(now(), Input::SwitchedOn);
        if !listened {
            for who in self.people.identities() {
                self.room.subscribe(Whom::Only(who));
            }
        }
    }
}

fn ended(why: room_contract::Ended) -> Ended {
    match why {
        room_contract::Ended::ConnectionLost
        | room_contract::Ended::ServerShutdown
        | room_contract::Ended::Overrun => Ended::ConnectionLost,
        room_contract::Ended::Left => Ended::Stopped,
        room_contract::Ended::Removed => Ended::PutOut,
        _ => Ended::RoomOver,
    }
}
