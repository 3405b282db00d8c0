//! The id of a session.

use std::fmt;

use room_contract::RoomName;
use serde::Serialize;
use utoipa::ToSchema;

use super::Channel;

/// Unique among live sessions: the channel, a dash, and what the channel calls it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "web-demo")]
pub struct SessionId(String);

impl SessionId {
    /// Names the session of a web room.
    #[must_use]
    pub fn of_web_room(room: &RoomName) -> Self {
        Self(format!("web-{room}"))
    }

    /// Names the session of a call, by what the telephone company calls it.
    #[must_use]
    pub fn of_call(channel: Channel, call: &str) -> Self {
        Self(format!("{}-{call}", channel.name()))
    }

    /// Takes an id out of a record.
    pub(crate) fn from_record(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
