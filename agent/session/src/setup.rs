//! What a conversation begins with.

use std::sync::Arc;

use agent_contract::Toolbox;
use room_contract::{Attributes, Identity, RoomName, circle::moved_to};

use crate::{Bell, Journal, Profile, Providers};

/// What a conversation begins with.
pub struct Setup {
    /// Where it takes place.
    pub room: RoomName,
    /// Who the agent is in the room.
    pub identity: Identity,
    /// Who the agent is.
    pub profile: Arc<Profile>,
    /// Who listens, thinks and speaks for it.
    pub providers: Providers,
    /// The session's id, for tools and records.
    pub session: Arc<str>,
    /// What it can do besides talking.
    pub tools: Toolbox,
    /// Where the conversation is kept; what is there already is continued.
    pub journal: Arc<dyn Journal>,
    /// How it comes in.
    pub entrance: Entrance,
    /// The [circle](room_contract::circle) that it talks in, unless it is the main one. Whoever is in another one is
    /// not there for it, and neither hears nor reads it.
    pub circle: Option<String>,
    /// What the key for a human rings; without one the thinker is asked.
    pub bell: Option<Arc<dyn Bell>>,
}

impl Setup {
    /// Returns what the agent carries from the start.
    pub(crate) fn attributes(&self) -> Attributes {
        match &self.circle {
            Some(circle) => moved_to(Some(circle)),
            None => Attributes::new(),
        }
    }
}

/// How an agent comes into a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entrance {
    /// Greets who is there, or takes up the conversation in the journal with a sentence.
    #[default]
    Greeting,
    /// Says nothing until it is spoken to, such as after it was switched on again.
    Silent,
}
