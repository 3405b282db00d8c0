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

use crate::config::Twilio;
use crate::wiring::twilio::PublicUrl;

/// Opens the telephone office of an account; nothing when the server's own address is none that Twilio could ask.
pub(crate) fn open(
    account: Twilio,
    address: &str,
    switchboard: Switchboard,
) -> Option<(Exchange, Office)> {
    let public = PublicUrl::parse(address)
        .inspect_err(|error| tracing::error!(%error, "there are no calls: the public address cannot be used"))
        .ok()?;
    let settings = std::sync::Arc::clone(&switchboard.settings);
    let profiles = std::sync::Arc::clone(&switchboard.profiles);
    let (exchange, telephone) = Exchange::new(switchboard);
    let office = Office::new(public, (account, settings), profiles, telephone);
    Some((exchange, office))
}
