//! Who is there, and what each has just said. Pure.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use room_contract::{Attributes, Identity, Participant, ParticipantKind};

use crate::telephone::Telephone;

/// The people in the room; agents are none.
#[derive(Debug, Default)]
pub(crate) struct People {
    present: BTreeMap<Identity, Person>,
    /// Who is being called and has not picked up.
    called: BTreeMap<Identity, Participant>,
    segments: u64,
}

/// One of them.
#[derive(Debug, Default)]
pub(crate) struct Person {
    /// The name they show, if they show one.
    pub(crate) name: Option<String>,
    /// When their voice last ended.
    pub(crate) ended: Option<Instant>,
    /// When the last of their words was understood.
    pub(crate) understood: Option<Instant>,
    /// Whether they typed last, rather than spoke.
    pub(crate) typed: bool,
    /// What they talk through, where it is a telephone.
    telephone: Telephone,
    /// The stretch of speech that is being written down.
    segment: Option<String>,
}

impl People {
    /// Returns whether a participant is a person; recorders and agents are none.
    pub(crate) fn is_person(participant: &Participant) -> bool {
        participant.kind.keeps_room_open() && participant.kind != ParticipantKind::Agent
    }

    /// Takes in that somebody has joined; returns whether they are there, or only being called.
    pub(crate) fn join(&mut self, participant: Participant) -> bool {
        let telephone = Telephone::new(participant.attributes.clone());
        if telephone.is_waiting() {
            let who = participant.identity.clone();
            self.called.insert(who, participant);
            return false;
        }
        let person = self.present.entry(participant.identity).or_default();
        person.name = Some(participant.name).filter(|name| !name.is_empty());
        person.telephone = telephone;
        true
    }

    /// Takes in what somebody's telephone says now; returns whether they have just picked up.
    pub(crate) fn change(&mut self, who: &Identity, changed: Attributes) -> bool {
        if let Some(person) = self.present.get_mut(who) {
            person.telephone.change(changed);
            return false;
        }
        let Some(mut participant) = self.called.remove(who) else {
            return false;
        };
        participant.attributes.extend(changed);
        self.join(participant)
    }

    pub(crate) fn leave(&mut self, who: &Identity) -> bool {
        self.called.remove(who);
        self.present.remove(who).is_some()
    }

    /// Returns who talks through a telephone.
    pub(crate) fn at_telephones(&self) -> Vec<Identity> {
        let there = self.present.iter();
        there
            .filter(|(_, person)| person.telephone.is_one())
            .map(|(who, _)| who.clone())
            .collect()
    }

    /// Returns how long after its time sound has been heard by everybody.
    pub(crate) fn delay(&self) -> Duration {
        let there = self.present.values();
        there
            .map(|person| person.telephone.delay())
            .max()
            .unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.present.is_empty()
    }

    pub(crate) fn identities(&self) -> Vec<Identity> {
        self.present.keys().cloned().collect()
    }

    pub(crate) fn get(&self, who: &str) -> Option<&Person> {
        self.present
            .iter()
            .find(|(identity, _)| identity.as_str() == who)
            .map(|(_, person)| person)
    }

    pub(crate) fn get_mut(&mut self, who: &Identity) -> Option<&mut Person> {
        self.present.get_mut(who)
    }

    /// Returns the name of the stretch that somebody speaks; the next one gets another.
    pub(crate) fn segment(&mut self, who: &Identity, last: bool) -> String {
        let mut fresh = || {
            self.segments += 1;
            format!("SG_person_{}", self.segments)
        };
        let Some(person) = self.present.get_mut(who) else {
            return fresh();
        };
        let segment = person.segment.take().unwrap_or_else(fresh);
        if !last {
            person.segment = Some(segment.clone());
        }
        segment
    }
}
