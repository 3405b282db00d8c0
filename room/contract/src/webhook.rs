//! What the room service tells by webhook: hints, at least once, in no sure order.

use serde::{Deserialize, Serialize};

use crate::{Identity, ParticipantKind, RoomName, TrackId};

/// A verified webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEvent {
    /// Unique; a repeated delivery has the same one.
    pub id: String,
    /// When it happened, in seconds since 1970 (UTC).
    pub created_at: u64,
    /// The room it is about, where it is about one.
    pub room: Option<RoomName>,
    /// What happened.
    pub occurrence: Occurrence,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Occurrence {
    /// The room opened.
    RoomStarted,
    /// The room closed.
    RoomFinished,
    /// Somebody is in.
    ParticipantJoined {
        /// Who.
        identity: Identity,
        /// As what.
        kind: ParticipantKind,
    },
    /// Somebody is out.
    ParticipantLeft {
        /// Who.
        identity: Identity,
        /// As what.
        kind: ParticipantKind,
    },
    /// Somebody never got through.
    ConnectionAborted {
        /// Who.
        identity: Identity,
    },
    /// A track is there.
    TrackPublished {
        /// Whose.
        identity: Identity,
        /// Which.
        track: TrackId,
    },
    /// A track is gone.
    TrackUnpublished {
        /// Whose.
        identity: Identity,
        /// Which.
        track: TrackId,
    },
    /// Something this house does not act on, by the service's name for it.
    Other(String),
}
