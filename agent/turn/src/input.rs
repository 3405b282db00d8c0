//! What happens in a conversation.

use std::{fmt, sync::Arc};

use crate::Turn;

/// A speaker, as the room names them. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub Arc<str>);

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Somebody came in.
    Joined(Person),
    /// Somebody went.
    Left(Person),
    /// Somebody's voice began, as a [`VoiceDetector`](crate::VoiceDetector) tells it.
    VoiceBegan(Person),
    /// Somebody's voice ended: told [`VOICE_HANGOVER`](crate::VOICE_HANGOVER) after its last sound.
    VoiceEnded(Person),
    /// What was understood of the present stretch of speech so far.
    Interim(Person, String),
    /// What was understood of the present stretch of speech; empty when nothing was.
    Final(Person, String),
    /// Somebody's turn is over, says the transcriber.
    EndOfTurn(Person),
    /// Somebody typed; a whole turn.
    Typed(Person, String),
    /// Somebody wants silence: nothing more is said of what is being said, prepared or waited for.
    Hushed,
    /// The agent is to speak unasked: a greeting, an announcement. It waits for its moment, at least until somebody
    /// is there. The number comes from [`TurnTaking::next_turn`](crate::TurnTaking::next_turn).
    Announce(Turn),
    /// The first sound of a reply is heard; a filler is none.
    ReplyBegan(Turn),
    /// A reply was heard to its end.
    ReplyEnded(Turn),
    /// A reply came to nothing.
    ReplyFailed(Turn),
    /// A reply waits for a tool.
    ToolBegan(Turn),
    /// The tool has answered.
    ToolEnded(Turn),
    /// The agent was switched off: it neither listens nor speaks.
    SwitchedOff,
    /// The agent was switched on again.
    SwitchedOn,
    /// The conversation is to end after what is being said.
    EndAsked,
}
