//! Video tracks: negotiated, never encoded or decoded.

use std::fmt;

use room_engine::{LocalTrack, RemoteTrack};

use crate::media_stream_track::RtcTrackState;
use crate::native::packet_trailer::PacketTrailerHandler;

/// A section for video. It exists because servers map cameras onto sections of those who do not
/// watch as well. Its pictures are dropped.
#[derive(Clone)]
pub struct RtcVideoTrack(End);

#[derive(Clone)]
enum End {
    Local(LocalTrack),
    Remote(RemoteTrack),
}

impl RtcVideoTrack {
    pub(crate) fn local(track: LocalTrack) -> Self {
        Self(End::Local(track))
    }

    pub(crate) fn received(track: RemoteTrack) -> Self {
        Self(End::Remote(track))
    }

    pub(crate) fn engine_local(&self) -> Option<&LocalTrack> {
        match &self.0 {
            End::Local(track) => Some(track),
            End::Remote(_) => None,
        }
    }

    /// Returns the id of the track.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.0 {
            End::Local(track) => track.id().to_owned(),
            End::Remote(track) => track.id().to_owned(),
        }
    }

    /// Returns the flag that was set last.
    #[must_use]
    pub fn enabled(&self) -> bool {
        match &self.0 {
            End::Local(track) => track.enabled(),
            End::Remote(track) => track.enabled(),
        }
    }

    /// Sets a flag without effect; returns whether that is a change.
    pub fn set_enabled(&self, enabled: bool) -> bool {
        let is_change = self.enabled() != enabled;
        match &self.0 {
            End::Local(track) => track.set_enabled(enabled),
            End::Remote(track) => track.set_enabled(enabled),
        }
        is_change
    }

    /// Returns whether the connection of the track is open.
    #[must_use]
    pub fn state(&self) -> RtcTrackState {
        match &self.0 {
            End::Remote(track) if track.ended() => RtcTrackState::Ended,
            End::Local(_) | End::Remote(_) => RtcTrackState::Live,
        }
    }

    /// Does nothing: there are no pictures to time.
    pub fn set_packet_trailer_handler(&self, _handler: PacketTrailerHandler) {}

    /// Returns none.
    #[must_use]
    pub fn packet_trailer_handler(&self) -> Option<PacketTrailerHandler> {
        None
    }
}

impl fmt::Debug for RtcVideoTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtcVideoTrack")
            .field("id", &self.id())
            .field("enabled", &self.enabled())
            .field("state", &self.state())
            .finish()
    }
}
