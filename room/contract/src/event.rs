//! What happens in a room, in order.

mod queue;

use std::fmt;

use bytes::Bytes;

pub use self::queue::{EventSender, Overrun, QUEUE, RoomEvents, queue};

use crate::{
    Attributes, ByteReader, Delivery, Identity, Participant, TextReader, Topic, Track, TrackId,
};

/// What happens in a room, seen by one participant.
#[non_exhaustive]
pub enum RoomEvent {
    /// Somebody is in. Their tracks follow one by one.
    ParticipantJoined(Participant),
    /// Somebody is out; their tracks are gone with them.
    ParticipantLeft(Identity),
    /// Somebody publishes a track.
    TrackPublished {
        /// Who.
        identity: Identity,
        /// What.
        track: Track,
    },
    /// Somebody takes a track back.
    TrackUnpublished {
        /// Who.
        identity: Identity,
        /// Which.
        track: TrackId,
    },
    /// A track can be listened to, see [`Room::audio`](crate::Room::audio).
    TrackSubscribed {
        /// Whose.
        identity: Identity,
        /// What.
        track: Track,
    },
    /// A track can no longer be listened to.
    TrackUnsubscribed {
        /// Whose.
        identity: Identity,
        /// Which.
        track: TrackId,
    },
    /// A track was silenced, one's own by somebody else included.
    TrackMuted {
        /// Whose.
        identity: Identity,
        /// Which.
        track: TrackId,
    },
    /// A track is open again.
    TrackUnmuted {
        /// Whose.
        identity: Identity,
        /// Which.
        track: TrackId,
    },
    /// Who speaks at the moment, the loudest first; oneself may be among them.
    ActiveSpeakers(Vec<Identity>),
    /// A packet came.
    Data {
        /// From whom; `None` when sent from outside the room.
        from: Option<Identity>,
        /// What it says.
        payload: Bytes,
        /// What it is about.
        topic: Option<Topic>,
        /// How it was sent.
        delivery: Delivery,
    },
    /// Somebody opened a text stream.
    TextStream(Box<dyn TextReader>),
    /// Somebody opened a byte stream.
    ByteStream(Box<dyn ByteReader>),
    /// Somebody's attributes changed, one's own included.
    AttributesChanged {
        /// Whose.
        identity: Identity,
        /// The new values only; empty = removed.
        changed: Attributes,
    },
    /// Somebody's metadata changed, one's own included.
    MetadataChanged {
        /// Whose.
        identity: Identity,
        /// The new text.
        metadata: String,
    },
    /// The connection was lost and is being restored.
    Reconnecting,
    /// The connection is back; one's own tracks are published still.
    Reconnected,
    /// It is over. Always the last event.
    Ended(Ended),
}

impl RoomEvent {
    /// Returns whether it may be dropped when nobody takes events: the next one of its kind
    /// makes up for it, or it was never promised.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::ActiveSpeakers(_)
                | Self::Data {
                    delivery: Delivery::Lossy,
                    ..
                }
        )
    }
}

/// Why a connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ended {
    /// One left oneself.
    Left,
    /// Somebody else came with the same identity.
    ReplacedByTwin,
    /// One was put out.
    Removed,
    /// The room was deleted.
    RoomDeleted,
    /// The room closed, because nobody was left who keeps it open.
    RoomClosed,
    /// The server went down.
    ServerShutdown,
    /// The connection was lost and could not be restored.
    ConnectionLost,
    /// Nobody took the events, see [`QUEUE`].
    Overrun,
    /// The server gave another reason.
    Other,
}

impl fmt::Debug for RoomEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ParticipantJoined(who) => f
                .debug_tuple("ParticipantJoined")
                .field(&who.identity)
                .finish(),
            Self::ParticipantLeft(who) => f.debug_tuple("ParticipantLeft").field(who).finish(),
            Self::TrackPublished { identity, track } => f
                .debug_tuple("TrackPublished")
                .field(identity)
                .field(&track.id)
                .finish(),
            Self::TrackUnpublished { identity, track } => f
                .debug_tuple("TrackUnpublished")
                .field(identity)
                .field(track)
                .finish(),
            Self::TrackSubscribed { identity, track } => f
                .debug_tuple("TrackSubscribed")
                .field(identity)
                .field(&track.id)
                .finish(),
            Self::TrackUnsubscribed { identity, track } => f
                .debug_tuple("TrackUnsubscribed")
                .field(identity)
                .field(track)
                .finish(),
            Self::TrackMuted { identity, track } => f
                .debug_tuple("TrackMuted")
                .field(identity)
                .field(track)
                .finish(),
            Self::TrackUnmuted { identity, track } => f
                .debug_tuple("TrackUnmuted")
                .field(identity)
                .field(track)
                .finish(),
            Self::ActiveSpeakers(who) => f.debug_tuple("ActiveSpeakers").field(who).finish(),
            // Payloads may hold what was said; they are never shown.
            Self::Data { topic, payload, .. } => f
                .debug_struct("Data")
                .field("topic", topic)
                .field("bytes", &payload.len())
                .finish(),
            Self::TextStream(reader) => f
                .debug_tuple("TextStream")
                .field(&reader.info().topic)
                .finish(),
            Self::ByteStream(reader) => f
                .debug_tuple("ByteStream")
                .field(&reader.info().topic)
                .finish(),
            Self::AttributesChanged { identity, changed } => f
                .debug_tuple("AttributesChanged")
                .field(identity)
                .field(&changed.keys())
                .finish(),
            Self::MetadataChanged { identity, .. } => {
                f.debug_tuple("MetadataChanged").field(identity).finish()
            }
            Self::Reconnecting => f.write_str("Reconnecting"),
            Self::Reconnected => f.write_str("Reconnected"),
            Self::Ended(why) => f.debug_tuple("Ended").field(why).finish(),
        }
    }
}
