//! The tracks at the two ends of a transceiver.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::audio::{AudioSource, RemoteAudio};

/// Kind of a media section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaKind {
    /// Opus.
    Audio,
    /// Negotiated so that peers with cameras are content; its packets are neither made nor read.
    Video,
}

/// What a sender sends. Clones are the same track.
#[derive(Clone)]
pub struct LocalTrack(Arc<LocalInner>);

struct LocalInner {
    id: String,
    enabled: Arc<AtomicBool>,
    kind: MediaKind,
    source: Option<AudioSource>,
}

impl LocalTrack {
    /// Creates a track that sends what `source` is given.
    #[must_use]
    pub fn audio(id: impl Into<String>, source: AudioSource) -> Self {
        Self::new(id.into(), MediaKind::Audio, Some(source))
    }

    /// Creates a track that is negotiated and never sends.
    #[must_use]
    pub fn silent(id: impl Into<String>, kind: MediaKind) -> Self {
        Self::new(id.into(), kind, None)
    }

    /// Returns the id that the offer announces as the track's name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns what the track carries.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        self.0.kind
    }

    /// Returns whether the track sends.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.0.enabled.load(Ordering::Relaxed)
    }

    /// Mutes or unmutes the track at the next packet, without negotiation.
    pub fn set_enabled(&self, enabled: bool) {
        self.0.enabled.store(enabled, Ordering::Relaxed);
    }

    pub(crate) fn source(&self) -> Option<&AudioSource> {
        self.0.source.as_ref()
    }

    pub(crate) fn enabled_flag(&self) -> Arc<AtomicBool> {
        self.0.enabled.clone()
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn new(id: String, kind: MediaKind, source: Option<AudioSource>) -> Self {
        Self(Arc::new(LocalInner {
            id,
            enabled: Arc::new(AtomicBool::new(true)),
            kind,
            source,
        }))
    }
}

impl fmt::Debug for LocalTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalTrack")
            .field("id", &self.0.id)
            .field("kind", &self.0.kind)
            .finish()
    }
}

/// What a receiver receives. Clones are the same track.
#[derive(Clone)]
pub struct RemoteTrack(Arc<RemoteInner>);

struct RemoteInner {
    id: String,
    enabled: AtomicBool,
    ended: AtomicBool,
    audio: Option<Arc<RemoteAudio>>,
}

impl RemoteTrack {
    pub(crate) fn new(id: String, kind: MediaKind) -> Self {
        let audio = (kind == MediaKind::Audio).then(|| Arc::new(RemoteAudio::new()));
        Self(Arc::new(RemoteInner {
            id,
            enabled: AtomicBool::new(true),
            ended: AtomicBool::new(false),
            audio,
        }))
    }

    /// Returns the id of the track, unique in this process.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Returns what the track carries.
    #[must_use]
    pub fn kind(&self) -> MediaKind {
        if self.0.audio.is_some() {
            MediaKind::Audio
        } else {
            MediaKind::Video
        }
    }

    /// Returns the audio to attach streams to; `None` for video, which is not decoded.
    #[must_use]
    pub fn as_audio(&self) -> Option<&Arc<RemoteAudio>> {
        self.0.audio.as_ref()
    }

    /// Returns the flag that the application set last.
    #[must_use]
    pub fn enabled(&self) -> bool {
        self.0.enabled.load(Ordering::Relaxed)
    }

    /// Notes whether the application wants the track; streams that nobody needs are closed instead.
    pub fn set_enabled(&self, enabled: bool) {
        self.0.enabled.store(enabled, Ordering::Relaxed);
    }

    /// Returns whether the connection of the track was closed.
    #[must_use]
    pub fn ended(&self) -> bool {
        self.0.ended.load(Ordering::Relaxed)
    }

    /// Ends the track and the streams attached to it.
    pub(crate) fn end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
        if let Some(audio) = &self.0.audio {
            audio.end();
        }
    }
}

impl fmt::Debug for RemoteTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteTrack")
            .field("id", &self.0.id)
            .field("kind", &self.kind())
            .finish()
    }
}
