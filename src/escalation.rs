//! Bringing a human into a conversation: who is called, briefed in private, and let in; and who looks after the
//! caller until then, and afterwards.
//!
//! [`machine`] decides and knows no clock, a [`case`] carries one escalation out, the [`director`] owns all cases, and
//! [`Escalations`] is the handle that everybody else holds.

mod contact;
mod handle;
mod machine;
mod plan;
mod ports;
mod verdict;
mod wish;
mod words;

pub use contact::{Contact, Hours, HoursError, Way};
pub use handle::Escalations;
pub use wish::{EscalationError, EscalationId, Stage, View, Wish};
