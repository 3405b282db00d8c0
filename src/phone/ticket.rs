//! What a media socket has to bring: made for one call, good once and not for long. Pure.

use std::fmt;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// Twilio connects within a second or two; a leaked ticket is soon worth nothing.
const LASTS: Duration = Duration::from_secs(60);

/// Tickets of one call that are good at the same time: a webhook may be repeated before its socket comes.
const MOST: usize = 4;

/// A ticket. Whoever holds it gets in, so it never shows itself in a log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ticket(String);

/// The tickets of one call that were not used yet. They themselves are not kept, only their SHA-256.
#[derive(Debug, Default)]
pub(super) struct Tickets(Vec<(Instant, [u8; 32])>);

impl Ticket {
    /// Makes a new one.
    ///
    /// # Panics
    ///
    /// The operating system has no randomness.
    pub(super) fn random() -> Self {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).expect("the operating system has randomness");
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Takes what a socket brought.
    pub(crate) fn brought(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text, to be told to Twilio and to nobody else.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

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
