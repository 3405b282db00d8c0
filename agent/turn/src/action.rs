//! What to do.

use crate::Person;

/// The number of a turn; each is used once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Turn(pub u64);

/// Something to do now.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Ask the transcriber for what is still open.
    Finalize(Person),
    /// Begin a reply to this, but keep it back: the turn may go on.
    Prepare {
        /// The reply's turn.
        turn: Turn,
        /// Who spoke.
        person: Person,
        /// What they said so far.
        text: String,
    },
    /// Forget a reply that was prepared.
    Discard(Turn),
    /// The turn is over: let the prepared reply of this number out, or make one.
    Answer {
        /// The reply's turn.
        turn: Turn,
        /// Who spoke.
        person: Person,
        /// What they said.
        text: String,
    },
    /// Keep what was said, it is not for the agent.
    Note {
        /// Who spoke.
        person: Person,
        /// What they said.
        text: String,
    },
    /// Let an announcement out.
    Speak(Turn),
    /// Hold the reply's sound at once; it may go on.
    Pause(Turn),
    /// Go on from the word where it was held.
    Resume(Turn),
    /// The reply was interrupted: drop the rest of it, and remember only what was heard.
    Stop(Turn),
    /// Say that it takes a moment.
    Fill(Turn),
    /// Say this unasked, as the reply of this turn: it begins, ends, is held and stopped like any other.
    Prompt(Turn, Prompt),
    /// End the conversation: say goodbye where the reason asks for one. Nothing follows.
    HangUp(Prompt),
}

/// Why the agent speaks, or ends, unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// Nobody has said anything for a while; counts from 1.
    Idle(u32),
    /// Speech was heard but not understood.
    NotUnderstood,
    /// A reply came to nothing, or never began.
    Failed,
    /// Nobody has said anything for too long.
    IdleTooLong,
    /// The conversation has lasted as long as it may.
    TooLong,
    /// It was asked to end.
    Asked,
}
