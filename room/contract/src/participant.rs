//! A participant and their tracks, as a snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Identity, TrackId, telephone::is_being_called};

/// What a participant says about themselves. Setting an empty value removes the key.
pub type Attributes = BTreeMap<String, String>;

/// Somebody in a room, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Unique in the room.
    pub identity: Identity,
    /// The name to show; may be empty.
    pub name: String,
    /// What sort of participant this is.
    pub kind: ParticipantKind,
    /// Free text that the participant carries; often JSON.
    pub metadata: String,
    /// Key and value pairs that the participant carries.
    pub attributes: Attributes,
    /// What the participant publishes.
    pub tracks: Vec<Track>,
}

impl Participant {
    /// Returns whether somebody is there to talk with: no program, and not only being called.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.kind.keeps_room_open() && !is_being_called(&self.attributes)
    }
}

/// What sort of participant somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParticipantKind {
    /// A person or a program that counts as one: it keeps the room alive.
    Standard,
    /// The AI. It does not keep a room alive and may speak in others' names.
    Agent,
    /// A phone connected by the room service itself.
    Sip,
    /// A stream brought in by the room service.
    Ingress,
    /// A recorder. It does not keep a room alive.
    Egress,
    /// A connector or bridge run by the room service.
    Connector,
}

impl ParticipantKind {
    /// Returns whether a room stays open for such a participant.
    #[must_use]
    pub fn keeps_room_open(self) -> bool {
        match self {
            Self::Standard | Self::Sip | Self::Ingress | Self::Connector => true,
            Self::Agent | Self::Egress => false,
        }
    }
}

/// A published track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// The server's id.
    pub id: TrackId,
    /// The publisher's name for it; may be empty.
    pub name: String,
    /// Sound or picture.
    pub kind: TrackKind,
    /// What it comes from.
    pub source: TrackSource,
    /// Whether its publisher has silenced it.
    pub muted: bool,
}

/// Sound or picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackKind {
    /// Sound.
    Audio,
    /// Picture; never subscribed to.
    Video,
}

/// What a track comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrackSource {
    /// Not said.
    Unknown,
    /// A microphone, or a voice that stands for one.
    #[default]
    Microphone,
    /// A camera.
    Camera,
    /// A screen's picture.
    ScreenShare,
    /// A screen's sound.
    ScreenShareAudio,
}
