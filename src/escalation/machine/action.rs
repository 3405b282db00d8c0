//! What an escalation has done, and what is said. Pure.

use super::{Callee, LegId};

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Call somebody.
    Call(LegId, Callee),
    /// Tell them in private what it is about, and ask them.
    Brief(LegId),
    /// Let everybody hear everybody.
    Admit(LegId),
    /// Tell them in private why it is over, then hang up.
    Dismiss(LegId, Farewell),
    /// Hang up.
    HangUp(LegId),
    /// Tell the callers.
    Say(Line),
    /// Play music to the callers, or stop it.
    Music(bool),
    /// From here on a human leads the conversation.
    Yield,
    /// The agent leads it again.
    Return,
    /// It is over. Always the last.
    Settle(Outcome),
}

/// What is said to the callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// This contact is being called.
    Calling(usize),
    /// It takes a moment longer.
    StillTrying,
    /// This one cannot be had; the next one is being called.
    Next(usize),
    /// The caller's own telephone was picked up.
    VisitorIsThere,
    /// The caller's own telephone cannot be had.
    VisitorUnreachable,
    /// This contact is there.
    Connected(usize),
    /// Nobody can be had; what can be done instead.
    Unreachable,
    /// It was called off.
    CalledOff,
    /// The contact has left.
    HumanLeft(usize),
    /// To a contact: whoever asked for it is being called back.
    CallingBack,
    /// To both: whoever asked for it is there, and so is this contact.
    CalledBack(usize),
    /// To a contact: whoever asked for it cannot be had.
    VisitorAway,
}

/// Why a contact is not needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// Somebody else was faster.
    Taken,
    /// The caller has left.
    CallerLeft,
    /// They declined: thanks.
    Declined,
    /// They said nothing for too long.
    Undecided,
    /// It was called off.
    CalledOff,
    /// Whoever asked to be called back cannot be had. The agent has said so.
    VisitorAway,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// They have talked with this contact.
    Talked(usize),
    /// Nobody could be had.
    Nobody,
    /// A contact was there, whoever asked to be called back was not.
    VisitorAway,
    /// The callers left before.
    CallersLeft,
    /// It was called off.
    CalledOff,
}
