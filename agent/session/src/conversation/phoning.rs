//! What people at telephones do besides talking, and what they need besides sound.

use std::sync::Arc;

use agent_turn::Input;
use room_contract::{DataPacket, Identity, Recipients, Topic, circle::circle, telephone::HUSH};
use tokio::{task::JoinError, time::timeout};

use super::{Conversation, Power, hearing::person};
use crate::{
    How, KeyAction, Rung, bell::RUNG_WITHIN, keypad::Meant, reply::now, telephone::Pressed,
};

impl Conversation {
    /// Takes in a key that somebody pressed.
    pub(super) fn handle_key(&mut self, who: &Identity, payload: &[u8]) {
        let Some(pressed) = Pressed::read(payload) else {
            return;
        };
        // Pressed before they came to us, it was meant for somebody else.
        let is_meant = pressed.circle.as_deref() == circle(&self.room.attributes());
        if self.power == Power::Off || !is_meant || self.people.get(who.as_str()).is_none() {
            return;
        }
        if self.at_keys.as_ref() != Some(who) {
            // Two people at keys at once are not told apart by a number.
            self.handle_keys_ended(true);
            self.at_keys = Some(who.clone());
        }
        if let Some(meant) = self.keypad.handle(now(), pressed.digit) {
            self.handle_meant(meant);
        }
    }

    /// Takes a number as ended: by time, or because there is no more to come.
    pub(super) fn handle_keys_ended(&mut self, at_once: bool) {
        let at = self.keypad.deadline().filter(|_| at_once);
        if let Some(meant) = self.keypad.handle_timeout(at.unwrap_or_else(now)) {
            self.handle_meant(meant);
        }
    }

    fn handle_meant(&mut self, meant: Meant) {
        let Some(who) = self.at_keys.clone() else {
            return;
        };
        match meant {
            Meant::Action(KeyAction::Human) => self.ring(who),
            Meant::Action(KeyAction::Repeat) => {
                if let Some(text) = self.history.last_said_by_agent().map(ToOwned::to_owned) {
                    self.turns.handle(now(), Input::Hushed);
                    self.announce(text);
                }
            }
            Meant::Action(KeyAction::End) => {
                self.turns.handle(now(), Input::Hushed);
                self.say_goodbye();
            }
            // A key of that kind is a number by then.
            Meant::Action(KeyAction::Digit) => {}
            Meant::Number(digits) => self.take_as_typed(&who, digits),
        }
    }

    /// Has a human brought in at once; where there is no bell the thinker is told.
    fn ring(&mut self, who: Identity) {
        let Some(bell) = self.bell.clone() else {
            let text = self.phrases.wants_human();
            return self.take_as_typed(&who, text);
        };
        if !self.ringing.is_empty() {
            return;
        }
        self.turns.handle(now(), Input::Hushed);
        let session = Arc::clone(&self.studio.session);
        self.ringing.spawn(async move {
            let rung = timeout(RUNG_WITHIN, bell.ring(&session)).await;
            (who, rung.unwrap_or(Rung::Nobody))
        });
    }

    pub(super) fn handle_rung(&mut self, rung: Result<(Identity, Rung), JoinError>) {
        let Ok((who, rung)) = rung else {
            return;
        };
        let text = self.phrases.wants_human();
        match rung {
            Rung::Answered => {
                self.show_typed(&who, text.clone());
                self.note(&person(&who), text, How::Typed);
            }
            Rung::Nobody => self.take_as_typed(&who, text),
        }
    }

    /// Takes what keys meant as if it had been written.
    fn take_as_typed(&mut self, who: &Identity, text: String) {
        self.handle_typed(Ok(Some((who.clone(), text))));
    }

    /// Has telephones drop what the agent said and nobody heard yet.
    pub(super) fn hush_telephones(&mut self) {
        let there = self.people.at_telephones();
        if there.is_empty() {
            return;
        }
        let topic = Topic::new(HUSH).expect("it is short and not empty");
        let packet = DataPacket {
            to: Recipients::Only(there),
            ..DataPacket::reliable(topic, Vec::new())
        };
        let room = Arc::clone(&self.room);
        // Whoever does not get it plays a little too long.
        self.hushing
            .spawn(async move { drop(room.send(packet).await) });
    }
}
