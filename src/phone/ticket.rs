//! What a media socket has to bring: made for one call, good once and not for long. Pure.

use std::time::{Duration, Instant};

use crate::ticket::Ticket;

/// Twilio connects within a second or two; a leaked ticket is soon worth nothing.
const LASTS: Duration = Duration::from_secs(60);

/// Tickets of one call that are good at the same time: a webhook may be repeated before its socket comes.
const MOST: usize = 4;

/// The tickets of one call that were not used yet. They themselves are not kept, only their SHA-256.
#[derive(Debug, Default)]
pub(super) struct Tickets(Vec<(Instant, [u8; 32])>);

impl Tickets {
    /// Hands one out. When there are many, the oldest is no longer good.
    pub(super) fn issue(&mut self, now: Instant) -> Ticket {
        let ticket = Ticket::random();
        if self.0.len() == MOST {
            self.0.remove(0);
        }
        self.0.push((now + LASTS, ticket.digest()));
        ticket
    }

    /// Takes one back; tells whether it was good.
    pub(super) fn redeem(&mut self, now: Instant, ticket: &Ticket) -> bool {
        self.0.retain(|(until, _)| now < *until);
        let digest = ticket.digest();
        let good = self.0.iter().position(|(_, known)| *known == digest);
        good.map(|at| self.0.remove(at)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once() {
        let (mut tickets, now) = (Tickets::default(), Instant::now());
        let ticket = tickets.issue(now);

        assert!(tickets.redeem(now, &ticket));
        assert!(!tickets.redeem(now, &ticket));
    }

    #[test]
    fn a_ticket_is_not_good_for_long() {
        let (mut tickets, now) = (Tickets::default(), Instant::now());
        let ticket = tickets.issue(now);

        assert!(!tickets.redeem(now + LASTS, &ticket));
    }

    #[test]
    fn another_calls_ticket_is_not_good() {
        let (mut ours, mut theirs, now) = (Tickets::default(), Tickets::default(), Instant::now());
        ours.issue(now);

        assert!(!ours.redeem(now, &theirs.issue(now)));
        assert!(!ours.redeem(now, &Ticket::brought("")));
    }

    #[test]
    fn only_the_latest_tickets_are_good() {
        let (mut tickets, now) = (Tickets::default(), Instant::now());
        let first = tickets.issue(now);
        let later: Vec<_> = (0..MOST).map(|_| tickets.issue(now)).collect();

        assert!(!tickets.redeem(now, &first));
        assert!(later.iter().all(|ticket| tickets.redeem(now, ticket)));
    }
}
