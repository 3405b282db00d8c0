//! Groups of tracks.

use crate::audio_track::RtcAudioTrack;
use crate::media_stream_track::MediaStreamTrack;
use crate::video_track::RtcVideoTrack;

/// The stream that a received track belongs to.
#[derive(Clone, Debug)]
pub struct MediaStream {
    pub(crate) id: String,
    pub(crate) track: MediaStreamTrack,
}

impl MediaStream {
    /// Returns the id that the peer gave the stream.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.clone()
    }

    /// Returns the audio tracks of the stream.
    #[must_use]
    pub fn audio_tracks(&self) -> Vec<RtcAudioTrack> {
        match &self.track {
            MediaStreamTrack::Audio(track) => vec![track.clone()],
            MediaStreamTrack::Video(_) => Vec::new(),
        }
    }

    /// Returns the video tracks of the stream.
    #[must_use]
    pub fn video_tracks(&self) -> Vec<RtcVideoTrack> {
        match &self.track {
            MediaStreamTrack::Video(track) => vec![track.clone()],
            MediaStreamTrack::Audio(_) => Vec::new(),
        }
    }
}
