//! Tokens in memory: a number that stands for an admission.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::{Admission, Identity, JoinError, RoomName, Token};

/// Every token that still opens a room.
#[derive(Default)]
pub(super) struct Tickets {
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    next: u64,
    /// When the book is this long, expired tickets are thrown out.
    sweep_at: usize,
    tickets: HashMap<String, Ticket>,
}

struct Ticket {
    admission: Admission,
    minted: Instant,
}

impl Ticket {
    fn expired(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.minted) >= self.admission.time_to_join
    }
}

impl Tickets {
    pub(super) fn mint(&self, admission: &Admission) -> Token {
        let now = Instant::now();
        let mut book = self.book.lock();
        if book.tickets.len() >= book.sweep_at {
            book.tickets.retain(|_, ticket| !ticket.expired(now));
            book.sweep_at = (book.tickets.len() * 2).max(64);
        }
        book.next += 1;
        let text = format!("memory-{}", book.next);
        book.tickets.insert(
            text.clone(),
            Ticket {
                admission: admission.clone(),
                minted: now,
            },
        );
        Token::new(text)
    }

    pub(super) fn check(&self, token: &Token) -> Result<Admission, JoinError> {
        let book = self.book.lock();
        let Some(ticket) = book.tickets.get(token.expose()) else {
            return Err(JoinError::TokenRefused("no such token".into()));
        };
        if ticket.expired(Instant::now()) {
            return Err(JoinError::TokenRefused("the token has expired".into()));
        }
        Ok(ticket.admission.clone())
    }

    pub(super) fn revoke(&self, room: &RoomName, who: &Identity) {
        self.book.lock().tickets.retain(|_, ticket| {
            ticket.admission.room != *room || ticket.admission.identity != *who
        });
    }
}
