//! Who is there to talk with, and what each has just said. Pure.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use room_contract::{
    Attributes, Identity, Listeners, Participant, Role,
    circle::{Change, Neighbours},
    role,
};

use crate::telephone::Telephone;

/// The people that the agent talks with: those of its circle, once they have picked up. Agents are none.
#[derive(Debug)]
pub(crate) struct People {
    /// Everybody in the room, agents as well.
    known: BTreeMap<Identity, Participant>,
    neighbours: Neighbours,
    present: BTreeMap<Identity, Person>,
    moves: VecDeque<Move>,
    segments: u64,
}

/// What is to be done since somebody came, went or was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Move {
    /// Let these hear and read.
    LetHear(Listeners),
    /// Somebody is there to talk with.
    Came(Identity),
    /// Somebody is there no longer.
    Went(Identity),
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
    /// Begins with the attributes that the agent enters the room with, and nobody else there.
    pub(crate) fn new(mine: &Attributes) -> Self {
        let mut people = Self {
            known: BTreeMap::new(),
            neighbours: Neighbours::new(mine),
            present: BTreeMap::new(),
            moves: VecDeque::new(),
            segments: 0,
        };
        people.settle();
        people
    }

    /// Takes in that somebody has joined.
    pub(crate) fn join(&mut self, participant: Participant) {
        let who = participant.identity.clone();
        self.neighbours
            .handle_arrival(&who, &participant.attributes);
        self.known.insert(who, participant);
        self.settle();
    }

    /// Takes in what somebody says about themselves now.
    pub(crate) fn change(&mut self, who: &Identity, changed: &Attributes) {
        let Some(participant) = self.known.get_mut(who) else {
            return;
        };
        participant.attributes.extend(changed.clone());
        if let Some(person) = self.present.get_mut(who) {
            person.telephone.change(changed.clone());
        }
        self.neighbours.handle_change(who, changed);
        self.settle();
    }

    /// Takes in what is said about the agent itself now.
    pub(crate) fn change_agent(&mut self, changed: &Attributes) {
        self.neighbours.handle_own_change(changed);
        self.settle();
    }

    /// Takes in that somebody has left.
    pub(crate) fn leave(&mut self, who: &Identity) {
        self.known.remove(who);
        self.neighbours.handle_departure(who);
        self.settle();
    }

    /// Takes what is to be done next.
    pub(crate) fn poll_move(&mut self) -> Option<Move> {
        self.moves.pop_front()
    }

    /// Compares with what was told before. Whoever must not hear any more comes first.
    fn settle(&mut self) {
        while let Some(change) = self.neighbours.poll_change() {
            match change {
                Change::LetHear(listeners) => self.moves.push_back(Move::LetHear(listeners)),
                // People are looked at below, one by one: some of them are only being called.
                Change::Met(_) | Change::Parted(_) | Change::Moved => {}
            }
        }
        let (known, neighbours) = (&self.known, &self.neighbours);
        let there = |who: &Identity| known.get(who).is_some_and(|one| is_there(one, neighbours));
        let went = self.present.extract_if(.., |who, _| !there(who));
        self.moves.extend(went.map(|(who, _)| Move::Went(who)));
        for (who, participant) in &self.known {
            if !self.present.contains_key(who) && is_there(participant, &self.neighbours) {
                self.present.insert(who.clone(), Person::new(participant));
                self.moves.push_back(Move::Came(who.clone()));
            }
        }
    }

    /// Returns whether somebody is in the room, but not to be talked with.
    pub(crate) fn is_apart(&self, who: &Identity) -> bool {
        self.known.contains_key(who) && !self.present.contains_key(who)
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

impl Person {
    fn new(participant: &Participant) -> Self {
        Self {
            name: Some(participant.name.clone()).filter(|name| !name.is_empty()),
            telephone: Telephone::new(participant.attributes.clone()),
            ..Self::default()
        }
    }
}

fn is_there(participant: &Participant, neighbours: &Neighbours) -> bool {
    role(participant.kind, &participant.identity) == Role::Person
        && neighbours.shares(&participant.identity)
        && !Telephone::new(participant.attributes.clone()).is_waiting()
}

#[cfg(test)]
mod tests {
    use room_contract::{ParticipantKind, circle::moved_to};

    use super::*;

    fn who(name: &str) -> Identity {
        Identity::new(name).expect("a name")
    }

    fn participant(name: &str, attributes: Attributes) -> Participant {
        Participant {
            identity: who(name),
            name: String::new(),
            kind: ParticipantKind::Standard,
            metadata: String::new(),
            attributes,
            tracks: Vec::new(),
        }
    }

    fn moves(people: &mut People) -> Vec<Move> {
        std::iter::from_fn(|| people.poll_move()).collect()
    }

    fn only<const N: usize>(names: [&str; N]) -> Move {
        Move::LetHear(Listeners::Only(names.map(who).into()))
    }

    #[test]
    fn one_who_is_moved_elsewhere_has_left_and_one_who_is_moved_here_has_come() {
        let mut people = People::new(&Attributes::new());
        people.join(participant("ann", Attributes::new()));
        people.join(participant("bob", moved_to(Some("aside"))));
        assert_eq!(moves(&mut people), [Move::Came(who("ann")), only(["ann"])]);
        assert!(people.is_apart(&who("bob")));

        people.change(&who("bob"), &moved_to(None));
        people.change(&who("ann"), &moved_to(Some("aside")));

        assert_eq!(
            moves(&mut people),
            [
                Move::LetHear(Listeners::Everybody),
                Move::Came(who("bob")),
                only(["bob"]),
                Move::Went(who("ann")),
            ]
        );
    }

    #[test]
    fn one_who_is_called_into_a_circle_comes_when_they_pick_up() {
        let mut people = People::new(&moved_to(Some("briefing")));
        let mut ringing = moved_to(Some("briefing"));
        ringing.insert("sip.callStatus".to_owned(), "ringing".to_owned());
        people.join(participant("ann", ringing));
        assert_eq!(moves(&mut people), [only([]), only(["ann"])]);

        let active = ("sip.callStatus".to_owned(), "active".to_owned());
        people.change(&who("ann"), &Attributes::from([active]));

        assert_eq!(moves(&mut people), [Move::Came(who("ann"))]);
    }

    #[test]
    fn programs_are_nobody_to_talk_with() {
        let mut people = People::new(&Attributes::new());
        for name in ["agent-2", "briefer-1", "music-1"] {
            let mut program = participant(name, Attributes::new());
            program.kind = ParticipantKind::Agent;
            people.join(program);
        }

        assert_eq!(moves(&mut people), []);
    }
}
