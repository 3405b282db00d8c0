//! One media section with its two halves: what we send and what we receive.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::EngineError;
use crate::identity::random_uuid;
use crate::link::{Link, Request};
use crate::stats::ConnectionStats;
use crate::track::{LocalTrack, MediaKind, RemoteTrack};

/// Which way media flows in a section, seen from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// We send.
    SendOnly,
    /// We receive.
    RecvOnly,
    /// Nobody sends.
    Inactive,
}

impl Direction {
    pub(crate) fn new(sends: bool, receives: bool) -> Self {
        match (sends, receives) {
            (true, true) => Self::SendRecv,
            (true, false) => Self::SendOnly,
            (false, true) => Self::RecvOnly,
            (false, false) => Self::Inactive,
        }
    }

    pub(crate) fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }

    pub(crate) fn receives(self) -> bool {
        matches!(self, Self::SendRecv | Self::RecvOnly)
    }

    /// The same flow seen from the other side.
    pub(crate) fn inverted(self) -> Self {
        Self::new(self.receives(), self.sends())
    }
}

/// What a new transceiver starts with.
#[derive(Debug, Clone)]
pub struct TransceiverInit {
    /// Which way media is wanted to flow.
    pub direction: Direction,
    /// Streams that the sent track belongs to. Only the first is announced.
    pub stream_ids: Vec<String>,
    /// How the sent track is encoded.
    pub encoding: SendEncoding,
}

/// How a sent track is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SendEncoding {
    /// Upper bound in bits per second; `None` leaves the choice to the engine.
    pub max_bitrate: Option<u32>,
}

/// A handle to one media section. Clones are the same section.
#[derive(Clone)]
pub struct Transceiver(Arc<Inner>);

struct Inner {
    kind: MediaKind,
    remote_track: RemoteTrack,
    link: Link,
    section: Mutex<Section>,
}

/// The part that changes. The audio path never locks it.
struct Section {
    mid: Option<String>,
    wanted: Direction,
    negotiated: Option<Direction>,
    local_track: Option<LocalTrack>,
    encoding: SendEncoding,
    stream_ids: Vec<String>,
    remote_streams: Vec<String>,
}

impl Transceiver {
    pub(crate) fn new(
        kind: MediaKind,
        local_track: Option<LocalTrack>,
        init: TransceiverInit,
        link: Link,
    ) -> Self {
        let section = Section {
            mid: None,
            wanted: init.direction,
            negotiated: None,
            local_track,
            encoding: init.encoding,
            stream_ids: init.stream_ids,
            remote_streams: Vec::new(),
        };
        let remote_track = RemoteTrack::new(random_uuid(), kind);
        Self(Arc::new(Inner {
            kind,
            remote_track,
            link,
            section: Mutex::new(section),
        }))
    }

    /// Returns what the section carries.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.0.kind
    }

    /// Returns the name of the section; `None` until a local description names it.
    #[must_use]
    pub fn mid(&self) -> Option<String> {
        self.0.section.lock().mid.clone()
    }

    /// Returns the direction that this side wants.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.0.section.lock().wanted
    }

    /// Returns the direction that both sides agreed on; `None` before the first exchange.
    #[must_use]
    pub fn current_direction(&self) -> Option<Direction> {
        self.0.section.lock().negotiated
    }

    /// Returns the track that is sent.
    #[must_use]
    pub fn local_track(&self) -> Option<LocalTrack> {
        self.0.section.lock().local_track.clone()
    }

    /// Replaces the track that is sent, without negotiation.
    pub fn set_local_track(&self, track: Option<LocalTrack>) {
        self.0.section.lock().local_track = track;
        self.0.link.changed.notify_one();
    }

    /// Stops sending: at once for the packets, with the next exchange for the section.
    pub fn remove_local_track(&self) {
        {
            let mut section = self.0.section.lock();
            section.local_track = None;
            section.wanted = Direction::new(false, section.wanted.receives());
        }
        self.0.link.changed.notify_one();
    }

    /// Returns how the sent track is encoded.
    #[must_use]
    pub fn encoding(&self) -> SendEncoding {
        self.0.section.lock().encoding
    }

    /// Changes how the sent track is encoded, from the next packet on.
    pub fn set_encoding(&self, encoding: SendEncoding) {
        self.0.section.lock().encoding = encoding;
        self.0.link.changed.notify_one();
    }

    /// Returns the streams that the sent track belongs to.
    #[must_use]
    pub fn stream_ids(&self) -> Vec<String> {
        self.0.section.lock().stream_ids.clone()
    }

    /// Returns the track that is received. It exists from the start and is silent until the peer
    /// sends.
    #[must_use]
    pub fn remote_track(&self) -> RemoteTrack {
        self.0.remote_track.clone()
    }

    /// Returns the streams that the peer says its track belongs to; empty while it does not send.
    #[must_use]
    pub fn remote_streams(&self) -> Vec<String> {
        self.0.section.lock().remote_streams.clone()
    }

    /// Returns what was measured on the whole connection.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub async fn stats(&self) -> Result<ConnectionStats, EngineError> {
        self.0.link.ask(Request::Stats).await
    }

    /// Lets go of both tracks, as closing the connection does.
    pub(crate) fn end(&self) {
        self.0.section.lock().local_track = None;
        self.0.remote_track.end();
    }

    pub(crate) fn has_mid(&self, mid: &str) -> bool {
        self.0.section.lock().mid.as_deref() == Some(mid)
    }

    pub(crate) fn set_mid(&self, mid: Option<String>) {
        self.0.section.lock().mid = mid;
    }

    /// Takes over what an exchange agreed on. Returns whether the peer announces streams it had not
    /// announced before.
    pub(crate) fn agree(&self, direction: Direction, streams: Vec<String>) -> bool {
        let mut section = self.0.section.lock();
        section.negotiated = Some(direction);
        let is_news = !streams.is_empty() && streams != section.remote_streams;
        section.remote_streams = streams;
        is_news
    }
}

impl fmt::Debug for Transceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transceiver")
            .field("kind", &self.0.kind)
            .field("mid", &self.mid())
            .field("direction", &self.direction())
            .finish()
    }
}
