//! A track of either kind.

use room_engine::{LocalTrack, MediaKind, RemoteTrack};

use crate::audio_track::RtcAudioTrack;
use crate::enum_dispatch;
use crate::video_track::RtcVideoTrack;

/// Whether something may still come from a track.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum RtcTrackState {
    /// It may.
    Live,
    /// Its connection was closed.
    Ended,
}

/// A track of either kind.
#[derive(Debug, Clone)]
pub enum MediaStreamTrack {
    /// A camera or screen.
    Video(RtcVideoTrack),
    /// A voice.
    Audio(RtcAudioTrack),
}

impl MediaStreamTrack {
    enum_dispatch!(
        [Video, Audio];
        pub fn id(self: &Self) -> String;
        pub fn enabled(self: &Self) -> bool;
        pub fn set_enabled(self: &Self, enabled: bool) -> bool;
        pub fn state(self: &Self) -> RtcTrackState;
    );

    pub(crate) fn local(track: LocalTrack) -> Self {
        match track.kind() {
            MediaKind::Audio => Self::Audio(RtcAudioTrack::local(track)),
            MediaKind::Video => Self::Video(RtcVideoTrack::local(track)),
        }
    }

    pub(crate) fn received(track: RemoteTrack) -> Self {
        match track.kind() {
            MediaKind::Audio => Self::Audio(RtcAudioTrack::received(track)),
            MediaKind::Video => Self::Video(RtcVideoTrack::received(track)),
        }
    }

    /// The engine's track, if it is a local one.
    pub(crate) fn engine_local(&self) -> Option<&LocalTrack> {
        match self {
            Self::Audio(track) => track.engine_local(),
            Self::Video(track) => track.engine_local(),
        }
    }

    pub(crate) fn kind(&self) -> MediaKind {
        match self {
            Self::Audio(_) => MediaKind::Audio,
            Self::Video(_) => MediaKind::Video,
        }
    }
}

impl From<RtcAudioTrack> for MediaStreamTrack {
    fn from(track: RtcAudioTrack) -> Self {
        Self::Audio(track)
    }
}

impl From<RtcVideoTrack> for MediaStreamTrack {
    fn from(track: RtcVideoTrack) -> Self {
        Self::Video(track)
    }
}
