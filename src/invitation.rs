//! Invitations: a contact comes into one room from a browser, by a link that is good once and not for long.
//!
//! The register decides and knows no clock; [`Invitations`] is the handle that everybody holds: whoever wants the
//! contact to come issues an invitation and hears what becomes of it, the API serves the contact.

mod handle;
mod invited;
mod register;

pub use handle::Invitations;
pub(crate) use handle::NotWelcome;
pub use invited::{Acceptance, Invited, Response};

use room_contract::RoomName;

/// Somebody is asked into a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Which room.
    pub room: RoomName,
    /// The contact's name, as the room will show it.
    pub contact: String,
    /// What they read before they decide.
    pub briefing: Briefing,
}

/// Who waits, and why. It holds names and words that were said: for the contact alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Briefing {
    /// Who waits.
    pub caller: Option<String>,
    /// What they want.
    pub reason: Option<String>,
    /// The conversation so far, in short.
    pub summary: Option<String>,
}
