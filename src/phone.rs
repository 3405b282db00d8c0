//! Calls on the telephone: each has a session, a room, and a leg in it.
//!
//! [`Exchange`] is the loop that owns all calls, a [`line`] is one call's task, [`Telephone`] is the handle that
//! everybody else holds. What a call is told to do stands in [`script`].

mod exchange;
mod handle;
mod line;
mod office;
pub(crate) mod script;
mod ticket;

pub(crate) use exchange::Exchange;
pub(crate) use handle::{News, PickUp, RingError, Ringing, Telephone};
pub(crate) use line::Switchboard;
pub(crate) use office::Office;
pub(crate) use script::Tongue;
pub(crate) use ticket::Ticket;
