//! Bringing a human into a conversation: who is called, briefed in private, and let in; and who looks after the
//! caller until then, and afterwards.
//!
//! The machine decides and knows no clock, a case carries one escalation out, the [`Director`] owns all cases, and
//! [`Escalations`] is the handle that everybody else holds.

mod bell;
mod briefer;
mod case;
mod confirm;
mod contact;
mod desk;
mod director;
mod handle;
mod hold;
mod kept;
mod line;
mod machine;
mod notes;
mod numbers;
mod plan;
mod ports;
mod recall;
mod settings;
mod staff;
mod verdict;
mod wish;
mod words;

use std::sync::Arc;

use room_contract::Rooms;

pub(crate) use briefer::BriefingMind;
pub use contact::{Contact, Hours, HoursError, Minutes, Way};
pub use desk::Desk;
pub use director::Director;
pub(crate) use director::caller_name;
pub use handle::{Escalations, Whose};
pub(crate) use hold::musicians;
pub(crate) use kept::has_let_in;
pub(crate) use machine::Gone;
pub use numbers::GivenNumbers;
pub(crate) use plan::{called_first, meetable};
pub(crate) use ports::{Briefers, Briefing, Called, Crew, Guest, GuestNews, Lines};
pub(crate) use recall::{Reached, Recall};
pub use settings::{Moderation, Settings};
pub use staff::Staff;
pub(crate) use wish::BY_AGENT;
pub use wish::{EscalationError, EscalationId, Stage, View, Wish};
pub(crate) use words::recall as spoken;
pub(crate) use words::{Matter, Occasion};

use crate::config::Profiles;
use crate::invitation::Invitations;
use crate::sessions::Sessions;
use crate::store::Store;

/// What a director is made of.
pub struct Parts {
    /// The sessions.
    pub(crate) sessions: Sessions,
    /// The room service.
    pub(crate) rooms: Arc<dyn Rooms>,
    /// Who does what it decides.
    pub(crate) crew: Crew,
    /// How contacts come by a browser.
    pub(crate) invitations: Invitations,
    /// Who may be called.
    pub(crate) contacts: Arc<[Contact]>,
    /// How.
    pub(crate) settings: Settings,
    /// Who talks, in which language.
    pub(crate) profiles: Arc<Profiles>,
    /// Where it is kept what is under way.
    pub(crate) store: Store,
    /// Whether callers can be called back.
    pub(crate) calls_back: bool,
}
