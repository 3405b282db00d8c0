//! Whom to listen to: a rule for everybody, with exceptions by name.

use std::collections::BTreeSet;

use crate::Identity;

/// Whether others' audio is subscribed to unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Subscribing {
    /// To everybody's, as it appears.
    #[default]
    Everybody,
    /// To nobody's until [`Room::subscribe`](crate::Room::subscribe).
    Nobody,
}

/// Whom a subscription is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// Everybody, whoever comes later included; forgets exceptions.
    Everybody,
    /// One participant, also when they come back.
    Only(Identity),
}

/// The rule in force. Pure: implementations ask it for each audio track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriptions {
    rule: Subscribing,
    exceptions: BTreeSet<Identity>,
}

impl Subscriptions {
    /// Begins with a rule and no exceptions.
    #[must_use]
    pub fn new(rule: Subscribing) -> Self {
        Self {
            rule,
            exceptions: BTreeSet::new(),
        }
    }

    /// Listens.
    pub fn subscribe(&mut self, whom: Whom) {
        self.decide(Subscribing::Everybody, whom);
    }

    /// Stops listening.
    pub fn unsubscribe(&mut self, whom: Whom) {
        self.decide(Subscribing::Nobody, whom);
    }

    /// Returns whether somebody is listened to.
    #[must_use]
    pub fn wants(&self, who: &Identity) -> bool {
        (self.rule == Subscribing::Everybody) != self.exceptions.contains(who)
    }

    fn decide(&mut self, rule: Subscribing, whom: Whom) {
        match whom {
            Whom::Everybody => *self = Self::new(rule),
            Whom::Only(who) if self.rule == rule => {
                self.exceptions.remove(&who);
            }
            Whom::Only(who) => {
                self.exceptions.insert(who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Identity {
        Identity::new("ann").expect("a name")
    }

    fn bob() -> Identity {
        Identity::new("bob").expect("a name")
    }

    #[test]
    fn one_chosen_by_name_is_heard_when_nobody_is() {
        let mut subscriptions = Subscriptions::new(Subscribing::Nobody);

        subscriptions.subscribe(Whom::Only(ann()));

        assert!(subscriptions.wants(&ann()));
        assert!(!subscriptions.wants(&bob()));
    }

    #[test]
    fn an_exception_is_taken_back() {
        let mut subscriptions = Subscriptions::new(Subscribing::Everybody);

        subscriptions.unsubscribe(Whom::Only(ann()));
        assert!(!subscriptions.wants(&ann()));
        subscriptions.subscribe(Whom::Only(ann()));

        assert!(subscriptions.wants(&ann()));
    }

    #[test]
    fn a_rule_for_everybody_forgets_the_exceptions() {
        let mut subscriptions = Subscriptions::new(Subscribing::Everybody);
        subscriptions.unsubscribe(Whom::Only(ann()));

        subscriptions.subscribe(Whom::Everybody);

        assert!(subscriptions.wants(&ann()));
    }
}
