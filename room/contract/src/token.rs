//! Admission to a room: who, as what, allowed to do what, until when.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{Attributes, Identity, ParticipantKind, RoomName};

/// Long enough to load a page and allow the microphone, short enough to be useless when leaked.
pub const TIME_TO_JOIN: Duration = Duration::from_secs(600);

/// What a token is to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// The one room it opens.
    pub room: RoomName,
    /// Who joins with it.
    pub identity: Identity,
    /// The name to show; may be empty.
    pub name: String,
    /// As what they join.
    pub kind: ParticipantKind,
    /// What they may do there.
    pub grants: Grants,
    /// Free text that they carry from the start.
    pub metadata: String,
    /// Key and value pairs that they carry from the start.
    pub attributes: Attributes,
    /// How long the token opens the room; who is inside may stay.
    pub time_to_join: Duration,
}

impl Admission {
    /// Admits a person: speaks, listens, sends data, changes their own attributes.
    #[must_use]
    pub fn person(room: RoomName, identity: Identity) -> Self {
        Self {
            room,
            identity,
            name: String::new(),
            kind: ParticipantKind::Standard,
            grants: Grants::default(),
            metadata: String::new(),
            attributes: Attributes::new(),
            time_to_join: TIME_TO_JOIN,
        }
    }

    /// Admits an agent.
    #[must_use]
    pub fn agent(room: RoomName, identity: Identity) -> Self {
        Self {
            kind: ParticipantKind::Agent,
            ..Self::person(room, identity)
        }
    }
}

/// What a participant may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Publish tracks.
    pub publish: bool,
    /// Listen to others.
    pub subscribe: bool,
    /// Send packets, streams and calls.
    pub publish_data: bool,
    /// Change their own name, metadata and attributes.
    pub update_own_metadata: bool,
    /// Be in the room unseen.
    pub hidden: bool,
}

impl Default for Grants {
    fn default() -> Self {
        Self {
            publish: true,
            subscribe: true,
            publish_data: true,
            update_own_metadata: true,
            hidden: false,
        }
    }
}

/// A signed admission. Whoever holds it gets in, so it never shows itself in a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// Wraps the text of a token.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the text, to be handed to the participant and to nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}
