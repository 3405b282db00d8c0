//! Who is there, and what each has just said. Pure.

use std::{collections::BTreeMap, time::Instant};

use room_contract::{Identity, Participant, ParticipantKind};

/// The people in the room; agents are none.
#[derive(Debug, Default)]
pub(crate) struct People {
    present: BTreeMap<Identity, Person>,
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
    /// The stretch of speech that is being written down.
    segment: Option<String>,
}

impl People {
    /// Returns whether a participant is a person; recorders and agents are none.
    pub(crate) fn is_person(participant: &Participant) -> bool {
        participant.kind.keeps_room_open() && participant.kind != ParticipantKind::Agent
    }

    pub(crate) fn join(&mut self, participant: Participant) {
        let person = self.present.entry(participant.identity).or_default();
        person.name = Some(participant.name).filter(|name| !name.is_empty());
    }

    pub(crate) fn leave(&mut self, who: &Identity) -> bool {
        self.present.remove(who).is_some()
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
