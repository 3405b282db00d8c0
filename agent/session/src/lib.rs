//! One conversation: an agent that joins a room like any participant, listens to each person, thinks and speaks.
//!
//! ```text
//! room ──► listening ──► agent_turn::TurnTaking ──► thinking ──► speaking ──► room
//!          per person     whose turn it is          tokens,       clauses,
//!                                                   tools         sound
//! ```
//!
//! [`Conversation::enter`] takes a [`Setup`], [`Conversation::run`] is the one loop that owns the conversation, a
//! [`Handle`] reaches into it from outside, [`Event`]s tell what happens and the [`Journal`] keeps it.

mod bell;
mod conversation;
mod ended;
mod event;
mod handle;
mod history;
mod journal;
mod keeper;
mod keypad;
mod listening;
mod offers;
mod people;
mod phrases;
mod profile;
mod providers;
mod record;
mod reply;
mod report;
mod scribe;
mod setup;
mod sign;
mod speaking;
mod stopwatch;
mod telephone;

pub use bell::{Bell, Rung};
pub use conversation::{Conversation, EnterError};
pub use ended::Ended;
pub use event::{AgentState, Event, Port};
pub use handle::{COMMANDS, EVENTS, Handle, HandleError, Switch};
pub use journal::{Journal, JournalError, MemoryJournal};
pub use profile::{Limits, Phrasing, Pieces, Profile, Voice};
pub use providers::Providers;
pub use record::{Called, Entry, How, Record};
pub use report::{Blame, TurnReport};
pub use setup::{Entrance, Setup};
pub use telephone::{KeyAction, Keys};
