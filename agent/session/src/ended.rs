//! Why a conversation is over.

use serde::{Deserialize, Serialize};

/// Why a conversation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ended {
    /// The agent was told to leave.
    Stopped,
    /// Nobody else was there any more.
    Alone,
    /// The agent said goodbye: it was asked to, by a tool or from outside.
    HungUp,
    /// The agent said goodbye because nobody said anything.
    Idle,
    /// The agent said goodbye because the time was up.
    TooLong,
    /// The room ended.
    RoomOver,
    /// Somebody put the agent out of the room.
    PutOut,
    /// The connection to the room was lost.
    ConnectionLost,
    /// The conversation broke down; a new one may continue it from the journal.
    Broken,
}
