//! What a conversation begins with.

use std::sync::Arc;

use agent_contract::Toolbox;
use room_contract::{Identity, RoomName};

use crate::{Journal, Profile, Providers};

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
