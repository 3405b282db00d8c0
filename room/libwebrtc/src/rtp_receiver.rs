//! The receiving half of a section.

use std::fmt;

use room_engine::{MediaKind, Transceiver};

use crate::RtcError;
use crate::media_stream::MediaStream;
use crate::media_stream_track::MediaStreamTrack;
use crate::rtp_parameters::{RtpCodecParameters, RtpParameters};
use crate::stats::{self, RtcStats};

/// The receiving half of a section. Clones are the same half.
#[derive(Clone)]
pub struct RtpReceiver(pub(crate) Transceiver);

impl RtpReceiver {
    /// Returns the track that is received. It exists from the start.
    #[must_use]
    pub fn track(&self) -> Option<MediaStreamTrack> {
        Some(MediaStreamTrack::received(self.0.remote_track()))
    }

    /// Returns the streams that the peer announces on the section.
    #[must_use]
    pub fn streams(&self) -> Vec<MediaStream> {
        let track = MediaStreamTrack::received(self.0.remote_track());
        let stream = |id| MediaStream {
            id,
            track: track.clone(),
        };
        self.0.remote_streams().into_iter().map(stream).collect()
    }

    /// Returns what was measured on the half.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub async fn get_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        let Some(mid) = self.0.mid() else {
            return Ok(Vec::new());
        };
        let stats = self.0.stats().await?;
        Ok(stats::inbound(&stats)
            .filter(|stats| stats.mid() == Some(&mid))
            .collect())
    }

    /// Returns what the half decodes.
    #[must_use]
    pub fn parameters(&self) -> RtpParameters {
        let opus = RtpCodecParameters {
            payload_type: 111,
            mime_type: "audio/opus".to_owned(),
            clock_rate: Some(48_000),
            channels: Some(2),
        };
        let codecs = match self.0.kind() {
            MediaKind::Audio => vec![opus],
            MediaKind::Video => Vec::new(),
        };
        RtpParameters {
            codecs,
            ..RtpParameters::default()
        }
    }
}

impl fmt::Debug for RtpReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtpReceiver")
            .field("track", &self.track())
            .finish()
    }
}
