//! Who is there, and whether the agent is meant.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{AnswerWhen, Person, TurnSettings, reply::Said, speech::Speech, words};

/// Who answers the agent so soon still talks to it.
const EXCHANGE: Duration = Duration::from_secs(15);

/// The people in the room.
#[derive(Debug, Default)]
pub(crate) struct Company {
    pub(crate) people: BTreeMap<Person, Speech>,
    exchange: Option<Exchange>,
}

/// The person the agent talks with.
#[derive(Debug)]
struct Exchange {
    person: Person,
    /// When the agent finished; nothing while it speaks.
    rested: Option<Instant>,
}

impl Company {
    pub(crate) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// Returns whether people may be talking with each other.
    pub(crate) fn is_shared(&self, settings: &TurnSettings) -> bool {
        settings.answer_when == AnswerWhen::Addressed && self.people.len() > 1
    }

    /// Returns whether the agent is meant by what was said.
    pub(crate) fn is_addressed(&self, said: &Said, settings: &TurnSettings) -> bool {
        !self.is_shared(settings)
            || words::mention(&said.text, &settings.names)
            || self.is_in_exchange(&said.person, said.began)
    }

    pub(crate) fn is_in_exchange(&self, person: &Person, at: Instant) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| {
            exchange.person == *person
                && exchange.rested.is_none_or(|rested| at <= rested + EXCHANGE)
        })
    }

    pub(crate) fn begin_exchange(&mut self, person: &Person) {
        self.exchange = Some(Exchange {
            person: person.clone(),
            rested: None,
        });
    }

    /// Takes in that the agent has finished.
    pub(crate) fn rest_exchange(&mut self, now: Instant) {
        if let Some(exchange) = &mut self.exchange {
            exchange.rested = Some(now);
        }
    }

    pub(crate) fn end_exchange(&mut self) {
        self.exchange = None;
    }

    pub(crate) fn close_all(&mut self, now: Instant) {
        for speech in self.people.values_mut() {
            speech.close(now);
        }
    }
}
