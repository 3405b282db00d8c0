//! What an escalation is told. Pure.

use super::LegId;

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Somebody is there.
    PickedUp(LegId),
    /// They want the call.
    Accepted(LegId),
    /// They do not want it.
    Declined(LegId),
    /// The leg is over, or never was.
    Gone(LegId, Gone),
    /// So many callers are in the conversation.
    Callers(usize),
    /// It is not wanted any more.
    Cancelled,
}

/// Why a leg is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Gone {
    /// They were there and left.
    HungUp,
    /// The line is busy.
    Busy,
    /// Nobody picked up, or a machine did.
    NoAnswer,
    /// It could not be called.
    Refused,
}
