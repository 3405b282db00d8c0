//! Who shares one's circle, as people come, go and are moved. Pure: whoever keeps a connection
//! puts in what happened and carries out what comes out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{CIRCLE, Listeners, circle};
use crate::{Attributes, Identity, RoomEvent};

/// What is to be done since somebody came, went or moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Let these hear what one publishes.
    LetHear(Listeners),
    /// Somebody shares the circle from here on: listen to them.
    Met(Identity),
    /// Somebody shares it no longer, though they are in the room still: stop listening to them.
    Parted(Identity),
    /// One is in another circle oneself; what was heard in the former one is to be dropped.
    Moved,
}

/// The others of a room, by circle.
#[derive(Debug)]
pub struct Neighbours {
    mine: Option<String>,
    others: BTreeMap<Identity, Option<String>>,
    near: BTreeSet<Identity>,
    listeners: Listeners,
    changes: VecDeque<Change>,
}

impl Neighbours {
    /// Begins with the attributes that one enters the room with, and nobody else there.
    #[must_use]
    pub fn new(mine: &Attributes) -> Self {
        let mut neighbours = Self {
            mine: circle(mine).map(str::to_owned),
            others: BTreeMap::new(),
            near: BTreeSet::new(),
            listeners: Listeners::Everybody,
            changes: VecDeque::new(),
        };
        neighbours.settle();
        neighbours
    }

    /// Notes what an event says about who is where; `me` is oneself.
    pub fn handle_event(&mut self, me: &Identity, event: &RoomEvent) {
        match event {
            RoomEvent::ParticipantJoined(other) => {
                self.handle_arrival(&other.identity, &other.attributes);
            }
            RoomEvent::ParticipantLeft(who) => self.handle_departure(who),
            RoomEvent::AttributesChanged { identity, changed } if identity == me => {
                self.handle_own_change(changed);
            }
            RoomEvent::AttributesChanged { identity, changed } => {
                self.handle_change(identity, changed);
            }
            // Nothing else says where somebody is.
            _ => {}
        }
    }

    /// Notes somebody who is there.
    pub fn handle_arrival(&mut self, who: &Identity, attributes: &Attributes) {
        let circle = circle(attributes).map(str::to_owned);
        self.others.insert(who.clone(), circle);
        self.settle();
    }

    /// Notes that somebody has left the room.
    pub fn handle_departure(&mut self, who: &Identity) {
        self.others.remove(who);
        // Whoever is gone need not be parted from.
        self.near.remove(who);
        self.settle();
    }

    /// Notes another's changed attributes (the changed ones alone).
    pub fn handle_change(&mut self, who: &Identity, changed: &Attributes) {
        let Some(name) = changed.get(CIRCLE) else {
            return;
        };
        if let Some(circle) = self.others.get_mut(who) {
            *circle = Some(name.clone()).filter(|name| !name.is_empty());
            self.settle();
        }
    }

    /// Notes one's own changed attributes (the changed ones alone).
    pub fn handle_own_change(&mut self, changed: &Attributes) {
        let Some(name) = changed.get(CIRCLE) else {
            return;
        };
        let mine = Some(name.clone()).filter(|name| !name.is_empty());
        if mine != self.mine {
            self.mine = mine;
            self.changes.push_back(Change::Moved);
            self.settle();
        }
    }

    /// Returns the circle one is in; `None` is the main one.
    #[must_use]
    pub fn mine(&self) -> Option<&str> {
        self.mine.as_deref()
    }

    /// Returns whether somebody is there and shares one's circle.
    #[must_use]
    pub fn shares(&self, who: &Identity) -> bool {
        self.near.contains(who)
    }

    /// Takes what is to be done next.
    pub fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// Compares with what was told before. Whoever must not hear any more comes first.
    fn settle(&mut self) {
        let others = self.others.iter();
        let near: BTreeSet<Identity> = others
            .filter(|(_, circle)| **circle == self.mine)
            .map(|(who, _)| who.clone())
            .collect();
        let listeners = self.listeners_among(&near);
        if listeners != self.listeners {
            self.listeners = listeners.clone();
            self.changes.push_back(Change::LetHear(listeners));
        }
        let parted = self.near.difference(&near).cloned().map(Change::Parted);
        let met = near.difference(&self.near).cloned().map(Change::Met);
        self.changes.extend(parted.chain(met));
        self.near = near;
    }

    /// The main circle lets everybody hear for as long as nobody is anywhere else: whoever comes
    /// then hears at once.
    fn listeners_among(&self, near: &BTreeSet<Identity>) -> Listeners {
        match &self.mine {
            None if near.len() == self.others.len() => Listeners::Everybody,
            None | Some(_) => Listeners::Only(near.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circle::moved_to;

    fn who(name: &str) -> Identity {
        Identity::new(name).expect("a name")
    }

    fn only<const N: usize>(names: [&str; N]) -> Change {
        Change::LetHear(Listeners::Only(names.map(who).into()))
    }

    fn changes(neighbours: &mut Neighbours) -> Vec<Change> {
        std::iter::from_fn(|| neighbours.poll_change()).collect()
    }

    #[test]
    fn in_the_main_circle_everybody_hears_while_nobody_is_elsewhere() {
        let mut neighbours = Neighbours::new(&Attributes::new());

        neighbours.handle_arrival(&who("ann"), &Attributes::new());

        assert_eq!(changes(&mut neighbours), [Change::Met(who("ann"))]);
    }

    #[test]
    fn in_a_circle_nobody_hears_before_somebody_shares_it() {
        let mut neighbours = Neighbours::new(&moved_to(Some("briefing")));
        assert_eq!(changes(&mut neighbours), [only([])]);

        neighbours.handle_arrival(&who("ann"), &Attributes::new());
        neighbours.handle_arrival(&who("bob"), &moved_to(Some("briefing")));

        assert_eq!(
            changes(&mut neighbours),
            [only(["bob"]), Change::Met(who("bob"))]
        );
        assert!(neighbours.shares(&who("bob")));
        assert!(!neighbours.shares(&who("ann")));
    }

    #[test]
    fn one_who_is_moved_away_may_not_hear_before_anything_else() {
        let mut neighbours = Neighbours::new(&Attributes::new());
        neighbours.handle_arrival(&who("ann"), &Attributes::new());
        neighbours.handle_arrival(&who("bob"), &Attributes::new());
        changes(&mut neighbours);

        neighbours.handle_change(&who("bob"), &moved_to(Some("aside")));

        let apart = [only(["ann"]), Change::Parted(who("bob"))];
        assert_eq!(changes(&mut neighbours), apart);
        neighbours.handle_change(&who("bob"), &moved_to(None));
        let together = [
            Change::LetHear(Listeners::Everybody),
            Change::Met(who("bob")),
        ];
        assert_eq!(changes(&mut neighbours), together);
    }

    #[test]
    fn one_who_is_moved_oneself_changes_all_neighbours_at_once() {
        let mut neighbours = Neighbours::new(&Attributes::new());
        neighbours.handle_arrival(&who("ann"), &Attributes::new());
        neighbours.handle_arrival(&who("bob"), &moved_to(Some("aside")));
        changes(&mut neighbours);

        neighbours.handle_own_change(&moved_to(Some("aside")));

        assert_eq!(
            changes(&mut neighbours),
            [
                Change::Moved,
                only(["bob"]),
                Change::Parted(who("ann")),
                Change::Met(who("bob"))
            ]
        );
        assert_eq!(neighbours.mine(), Some("aside"));
    }

    #[test]
    fn one_who_has_left_need_not_be_parted_from() {
        let mut neighbours = Neighbours::new(&Attributes::new());
        neighbours.handle_arrival(&who("ann"), &Attributes::new());
        changes(&mut neighbours);

        neighbours.handle_departure(&who("ann"));

        assert_eq!(changes(&mut neighbours), []);
        assert!(!neighbours.shares(&who("ann")));
    }

    #[test]
    fn other_attributes_and_the_same_circle_change_nothing() {
        let mut neighbours = Neighbours::new(&Attributes::new());
        neighbours.handle_arrival(&who("ann"), &Attributes::new());
        changes(&mut neighbours);

        let mood = Attributes::from([("mood".to_owned(), "fine".to_owned())]);
        neighbours.handle_change(&who("ann"), &mood);
        neighbours.handle_own_change(&moved_to(None));

        assert_eq!(changes(&mut neighbours), []);
    }
}
