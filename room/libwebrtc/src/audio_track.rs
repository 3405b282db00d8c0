//! An audio track, local or remote.

use std::fmt;
use std::sync::Arc;

use room_engine::audio::RemoteAudio;
use room_engine::{LocalTrack, RemoteTrack};

use crate::media_stream_track::RtcTrackState;

/// One voice. Clones are the same track.
#[derive(Clone)]
pub struct RtcAudioTrack(End);

#[derive(Clone)]
enum End {
    Local(LocalTrack),
    Remote(RemoteTrack),
}

impl RtcAudioTrack {
    pub(crate) fn local(track: LocalTrack) -> Self {
        Self(End::Local(track))
    }

    pub(crate) fn received(track: RemoteTrack) -> Self {
        Self(End::Remote(track))
    }

    /// Returns the id of the track.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.0 {
            End::Local(track) => track.id().to_owned(),
            End::Remote(track) => track.id().to_owned(),
        }
    }

    /// Returns whether the track is switched on.
    #[must_use]
    pub fn enabled(&self) -> bool {
        match &self.0 {
            End::Local(track) => track.enabled(),
            End::Remote(track) => track.enabled(),
        }
    }

    /// Switches the track on or off; returns whether that is a change.
    pub fn set_enabled(&self, enabled: bool) -> bool {
        let is_change = self.enabled() != enabled;
        match &self.0 {
            End::Local(track) => track.set_enabled(enabled),
            End::Remote(track) => track.set_enabled(enabled),
        }
        is_change
    }

    /// Returns whether audio may still come.
    #[must_use]
    pub fn state(&self) -> RtcTrackState {
        match &self.0 {
            End::Remote(track) if track.ended() => RtcTrackState::Ended,
            End::Local(_) | End::Remote(_) => RtcTrackState::Live,
        }
    }

    pub(crate) fn remote(&self) -> Option<&Arc<RemoteAudio>> {
        match &self.0 {
            End::Local(_) => None,
            End::Remote(track) => track.as_audio(),
        }
    }

    pub(crate) fn engine_local(&self) -> Option<&LocalTrack> {
        match &self.0 {
            End::Local(track) => Some(track),
            End::Remote(_) => None,
        }
    }
}

impl fmt::Debug for RtcAudioTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcAudioTrack")
            .field("id", &self.id())
            .field("enabled", &self.enabled())
            .field("state", &self.state())
            .finish()
    }
}
