//! Which invitations are open. Keeps no ticket, only its digest. Pure.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::ticket::Ticket;

/// A contact who reads a message within this time still finds somebody waiting.
pub(super) const LASTS: Duration = Duration::from_secs(600);

/// Open invitations. When there are as many, the oldest one is no longer good: nobody waits for ten minutes.
const MOST: usize = 1024;

/// The open invitations, the oldest first.
#[derive(Debug)]
pub(super) struct Register<T> {
    open: VecDeque<Open<T>>,
}

#[derive(Debug)]
struct Open<T> {
    until: Instant,
    digest: [u8; 32],
    what: T,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            open: VecDeque::new(),
        }
    }
}

impl<T> Register<T> {
    /// Enters one; returns its ticket and until when it is good.
    pub(super) fn issue(&mut self, now: Instant, what: T) -> (Ticket, Instant) {
        self.forget(now);
        if self.open.len() == MOST {
            self.open.pop_front();
        }
        let (ticket, until) = (Ticket::random(), now + LASTS);
        self.open.push_back(Open {
            until,
            digest: ticket.digest(),
            what,
        });
        (ticket, until)
    }

    /// Looks at one; it stays good.
    pub(super) fn find(&mut self, now: Instant, ticket: &Ticket) -> Option<&mut T> {
        let at = self.position(now, ticket)?;
        self.open.get_mut(at).map(|open| &mut open.what)
    }

    /// Takes one out: it is no longer good.
    pub(super) fn redeem(&mut self, now: Instant, ticket: &Ticket) -> Option<T> {
        let at = self.position(now, ticket)?;
        self.open.remove(at).map(|open| open.what)
    }

    fn position(&mut self, now: Instant, ticket: &Ticket) -> Option<usize> {
        self.forget(now);
        // Digests are compared: how long that takes tells nothing about a ticket.
        let digest = ticket.digest();
        self.open.iter().position(|open| open.digest == digest)
    }

    fn forget(&mut self, now: Instant) {
        self.open.retain(|open| now < open.until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_looked_at_often_and_used_once() {
        let (mut register, now) = (Register::default(), Instant::now());
        let (ticket, _) = register.issue(now, "ann");

        assert_eq!(register.find(now, &ticket), Some(&mut "ann"));
        assert_eq!(register.find(now, &ticket), Some(&mut "ann"));
        assert_eq!(register.redeem(now, &ticket), Some("ann"));
        assert_eq!(register.find(now, &ticket), None);
        assert_eq!(register.redeem(now, &ticket), None);
    }

    #[test]
    fn an_invitation_is_not_good_for_long() {
        let (mut register, now) = (Register::default(), Instant::now());
        let (ticket, until) = register.issue(now, "ann");

        let just_in_time = until - Duration::from_millis(1);
        assert!(register.find(just_in_time, &ticket).is_some());
        assert!(register.redeem(until, &ticket).is_none());
    }

    #[test]
    fn a_guessed_ticket_opens_nothing() {
        let (mut register, now) = (Register::default(), Instant::now());
        let (ticket, _) = register.issue(now, "ann");
        let guessed = ticket.expose().to_uppercase();

        for text in ["", &ticket.expose()[1..], &format!("{guessed}0")] {
            assert!(register.redeem(now, &Ticket::brought(text)).is_none());
        }
        assert_eq!(ticket.expose().len(), 32);
    }

    #[test]
    fn when_there_are_too_many_the_oldest_one_is_no_longer_good() {
        let (mut register, now) = (Register::default(), Instant::now());
        let (first, _) = register.issue(now, 0);
        let later: Vec<_> = (1..=MOST).map(|who| register.issue(now, who).0).collect();

        assert!(register.find(now, &first).is_none());
        assert!(
            later
                .iter()
                .all(|ticket| register.find(now, ticket).is_some())
        );
    }
}
