//! What happens in a room, in order.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::{
    Attributes, ByteReader, Delivery, Identity, Participant, TextReader, Topic, Track, TrackId,
};

/// Events that wait to be taken. When it is full, [passing events](RoomEvent::is_passing) are
/// dropped and any other ends the connection with [`Ended::Overrun`]: a listener that misses
/// who joined would be wrong for good.
pub const QUEUE: usize = 1024;

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

/// The events of one connection. Dropping it stops listening, not the connection.
pub struct RoomEvents {
    queue: mpsc::Receiver<RoomEvent>,
    end: Arc<OnceLock<Ended>>,
    said_end: bool,
}

impl RoomEvents {
    /// Waits for the next event. [`RoomEvent::Ended`] comes last and once, then `None`.
    pub async fn next(&mut self) -> Option<RoomEvent> {
        match self.queue.recv().await {
            Some(event) => Some(event),
            None => self.last(),
        }
    }

    /// Returns an event that waits already.
    pub fn try_next(&mut self) -> Option<RoomEvent> {
        match self.queue.try_recv() {
            Ok(event) => Some(event),
            Err(mpsc::error::TryRecvError::Empty) => None,
            Err(mpsc::error::TryRecvError::Disconnected) => self.last(),
        }
    }

    fn last(&mut self) -> Option<RoomEvent> {
        if self.said_end {
            return None;
        }
        self.said_end = true;
        Some(RoomEvent::Ended(
            self.end.get().copied().unwrap_or(Ended::ConnectionLost),
        ))
    }
}

/// The end of the queue that an implementation fills.
pub struct EventSender {
    queue: Option<mpsc::Sender<RoomEvent>>,
    end: Arc<OnceLock<Ended>>,
}

/// Nobody took the events: the connection has to be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overrun;

/// Makes the queue of one connection.
#[must_use]
pub fn queue() -> (EventSender, RoomEvents) {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let end = Arc::new(OnceLock::new());
    let events = RoomEvents {
        queue: receiver,
        end: Arc::clone(&end),
        said_end: false,
    };
    (
        EventSender {
            queue: Some(sender),
            end,
        },
        events,
    )
}

impl EventSender {
    /// Puts an event in without waiting. Past the end, or without a listener, it is dropped.
    ///
    /// # Errors
    /// [`Overrun`] when the [`QUEUE`] is full; the queue has ended then.
    pub fn send(&mut self, event: RoomEvent) -> Result<(), Overrun> {
        let Some(queue) = &self.queue else {
            return Ok(());
        };
        match queue.try_send(event) {
            Err(mpsc::error::TrySendError::Full(event)) if !event.is_passing() => {
                self.end(Ended::Overrun);
                Err(Overrun)
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Ends the queue: what waits is still taken, then comes the reason. Only the first counts.
    pub fn end(&mut self, why: Ended) {
        let _ = self.end.set(why);
        self.queue = None;
    }

    /// Returns whether the queue has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.queue.is_none()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn left(number: usize) -> RoomEvent {
        RoomEvent::ParticipantLeft(Identity::new(format!("p{number}")).expect("a name"))
    }

    #[tokio::test]
    async fn the_end_comes_last_and_once() {
        let (mut sender, mut events) = queue();

        sender.send(left(1)).expect("room for one");
        sender.end(Ended::Removed);
        sender.end(Ended::Left);
        sender.send(left(2)).expect("past the end");

        assert!(matches!(
            events.next().await,
            Some(RoomEvent::ParticipantLeft(_))
        ));
        assert!(matches!(
            events.next().await,
            Some(RoomEvent::Ended(Ended::Removed))
        ));
        assert!(events.next().await.is_none());
    }

    #[test]
    fn a_listener_that_is_too_slow_loses_passing_events_first_and_then_the_connection() {
        let (mut sender, mut events) = queue();
        for number in 0..QUEUE {
            sender.send(left(number)).expect("room");
        }

        assert_eq!(sender.send(RoomEvent::ActiveSpeakers(Vec::new())), Ok(()));
        assert_eq!(sender.send(left(QUEUE)), Err(Overrun));

        let mut last = None;
        while let Some(event) = events.try_next() {
            last = Some(event);
        }
        assert!(matches!(last, Some(RoomEvent::Ended(Ended::Overrun))));
    }
}
