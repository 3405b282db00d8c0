//! Tokens in memory: an admission in plain text, signed. Nothing is kept of those that are handed out.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{Admission, Identity, JoinError, RoomName, Token};

/// What makes and checks tokens.
pub(super) struct Tickets {
    /// Signs: another service's tokens open nothing here.
    secret: RandomState,
    opened: Instant,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    next: u64,
    /// The longest time to join of all tokens.
    longest: Duration,
    /// Whose tokens open nothing, up to this number.
    revoked: HashMap<(RoomName, Identity), Revoked>,
}

struct Revoked {
    up_to: u64,
    at: Instant,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    number: u64,
    /// Since the service opened.
    minted: Duration,
    admission: Admission,
}

impl Default for Tickets {
    fn default() -> Self {
        Self {
            secret: RandomState::new(),
            opened: Instant::now(),
            book: Mutex::default(),
        }
    }
}

impl Tickets {
    pub(super) fn mint(&self, admission: &Admission) -> Token {
        let mut book = self.book.lock();
        book.next += 1;
        book.longest = book.longest.max(admission.time_to_join);
        let ticket = Ticket {
            number: book.next,
            minted: self.opened.elapsed(),
            admission: admission.clone(),
        };
        drop(book);
        let text = serde_json::to_string(&ticket).expect("an admission is strings and numbers");
        Token::new(format!("{:016x}{text}", self.secret.hash_one(&text)))
    }

    pub(super) fn check(&self, token: &Token) -> Result<Admission, JoinError> {
        let refused = |why: &'static str| JoinError::TokenRefused(why.into());
        let ticket = self
            .read(token.expose())
            .ok_or_else(|| refused("no such token"))?;
        let admission = ticket.admission;
        if self.opened.elapsed() >= ticket.minted.saturating_add(admission.time_to_join) {
            return Err(refused("the token has expired"));
        }
        let holder = (admission.room.clone(), admission.identity.clone());
        let book = self.book.lock();
        if book
            .revoked
            .get(&holder)
            .is_some_and(|revoked| ticket.number <= revoked.up_to)
        {
            return Err(refused("the token was revoked"));
        }
        Ok(admission)
    }

    pub(super) fn revoke(&self, room: &RoomName, who: &Identity) {
        let now = Instant::now();
        let mut book = self.book.lock();
        let (up_to, longest) = (book.next, book.longest);
        book.revoked
            .retain(|_, revoked| now.saturating_duration_since(revoked.at) < longest);
        book.revoked
            .insert((room.clone(), who.clone()), Revoked { up_to, at: now });
    }

    fn read(&self, token: &str) -> Option<Ticket> {
        let (signature, text) = token.split_at_checked(16)?;
        let is_ours = u64::from_str_radix(signature, 16).ok()? == self.secret.hash_one(text);
        is_ours.then(|| serde_json::from_str(text).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(who: &str) -> Admission {
        let room = RoomName::new("room").expect("a name");
        Admission::person(room, Identity::new(who).expect("a name"))
    }

    #[test]
    fn a_token_opens_what_it_was_made_for_and_only_where_it_was_made() {
        let (ours, others) = (Tickets::default(), Tickets::default());

        let token = ours.mint(&admission("ann"));

        assert_eq!(ours.check(&token).ok(), Some(admission("ann")));
        assert!(others.check(&token).is_err());
        let forged = token.expose().replace("ann", "bob");
        assert!(ours.check(&Token::new(forged)).is_err());
    }

    #[test]
    fn text_that_is_no_token_opens_nothing() {
        let tickets = Tickets::default();

        for text in [
            "",
            "memory-1",
            "0000000000000000",
            "ééééééééé",
            "zzzzzzzzzzzzzzzz{}",
        ] {
            assert!(tickets.check(&Token::new(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn who_was_removed_comes_in_with_a_later_token_alone() {
        let tickets = Tickets::default();
        let (ann, bob) = (admission("ann"), admission("bob"));
        let (before, others) = (tickets.mint(&ann), tickets.mint(&bob));

        tickets.revoke(&ann.room, &ann.identity);
        let after = tickets.mint(&ann);

        assert!(tickets.check(&before).is_err());
        assert!(tickets.check(&after).is_ok());
        assert!(tickets.check(&others).is_ok());
    }
}
