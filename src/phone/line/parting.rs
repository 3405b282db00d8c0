//! How a line comes to its end, and what is left to do then. Pure.

use room_contract::Ended;

use crate::escalation::Gone;
use crate::sessions::EndReason;
use crate::wiring::twilio::{CallStatus, LegEnd};

/// How a line comes to its end.
pub(super) struct Parting {
    /// Why the session is to end, unless it has ended.
    pub(super) reason: Option<EndReason>,
    pub(super) call: AtCarrier,
}

/// What the carrier makes of a call that has no line any more.
pub(super) enum AtCarrier {
    /// It is over, or does something else.
    Settled,
    /// Another server has it.
    Elsewhere,
    /// It may be there still, and nobody would talk to it.
    MayGoOn,
    /// It has lost its room, which may be opened again.
    Homeless,
}

/// What follows once a line is put down.
pub(in crate::phone) enum Sequel {
    /// Nothing: the call is over.
    Over,
    /// Nothing: it may come here again.
    MayReturn,
    /// The call is to ask there for its room.
    ComesBack(String),
}

impl Parting {
    pub(super) fn settled(reason: EndReason) -> Self {
        Self {
            reason: Some(reason),
            call: AtCarrier::Settled,
        }
    }

    pub(super) fn going_on(reason: EndReason) -> Self {
        Self {
            reason: Some(reason),
            call: AtCarrier::MayGoOn,
        }
    }

    /// Returns what the end of a leg means.
    pub(super) fn after(end: LegEnd) -> Self {
        match end {
            LegEnd::CallOver => Self::settled(EndReason::CallerLeft),
            LegEnd::NoSocket | LegEnd::HungUp => Self::going_on(EndReason::CallerLeft),
            LegEnd::Refused(_) => Self::going_on(EndReason::Error),
            // Whoever stopped it knows why.
            LegEnd::Stopped | LegEnd::Room(Ended::Left | Ended::Removed) => {
                Self::silent(AtCarrier::MayGoOn)
            }
            LegEnd::Room(Ended::ReplacedByTwin) => Self::elsewhere(),
            LegEnd::Room(_) => Self::silent(AtCarrier::Homeless),
        }
    }

    /// Returns the one of a line whose call another server may have: who is in the room tells how the session stands.
    pub(super) fn elsewhere() -> Self {
        Self::silent(AtCarrier::Elsewhere)
    }

    /// Returns one that ends no session.
    fn silent(call: AtCarrier) -> Self {
        Self { reason: None, call }
    }
}

/// Returns what the end of a line means for whoever called a guest.
pub(super) fn gone(reason: Option<EndReason>) -> Gone {
    match reason {
        Some(EndReason::Busy) => Gone::Busy,
        Some(EndReason::NoAnswer | EndReason::Refused) => Gone::NoAnswer,
        Some(EndReason::Failed) => Gone::Refused,
        _ => Gone::HungUp,
    }
}

/// Returns why a call with this status is over, if it is.
pub(super) fn final_reason(status: CallStatus) -> Option<EndReason> {
    match status {
        CallStatus::Completed => Some(EndReason::CallerLeft),
        CallStatus::Busy => Some(EndReason::Busy),
        CallStatus::NoAnswer => Some(EndReason::NoAnswer),
        CallStatus::Failed => Some(EndReason::Failed),
        CallStatus::Canceled => Some(EndReason::Refused),
        CallStatus::Queued
        | CallStatus::Initiated
        | CallStatus::Ringing
        | CallStatus::InProgress => None,
    }
}
