//! The sending half of a section.

use std::fmt;

use room_engine::Transceiver;

use crate::RtcError;
use crate::media_stream_track::MediaStreamTrack;
use crate::rtp_parameters::{RtpEncodingParameters, RtpParameters};
use crate::rtp_transceiver::encoding_of;
use crate::stats::{self, RtcStats};

/// Which video encoder to use; there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum VideoEncoderBackend {
    /// Any.
    #[default]
    Auto,
    /// One in software.
    Software,
    /// One in hardware.
    Hardware,
    /// NVIDIA's.
    Nvenc,
    /// VA-API's.
    Vaapi,
    /// Apple's.
    VideoToolbox,
    /// None: frames come encoded.
    PreEncoded,
}

/// The sending half of a section. Clones are the same half.
#[derive(Clone)]
pub struct RtpSender(pub(crate) Transceiver);

impl RtpSender {
    /// Returns the track that is sent.
    #[must_use]
    pub fn track(&self) -> Option<MediaStreamTrack> {
        self.0.local_track().map(MediaStreamTrack::local)
    }

    /// Replaces the track that is sent.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    pub fn set_track(&self, track: Option<MediaStreamTrack>) -> Result<(), RtcError> {
        self.0
            .set_local_track(track.and_then(|track| track.engine_local().cloned()));
        Ok(())
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
        Ok(stats::outbound(&stats)
            .filter(|stats| stats.mid() == Some(&mid))
            .collect())
    }

    /// Returns how the track is encoded.
    #[must_use]
    pub fn parameters(&self) -> RtpParameters {
        let max_bitrate = self.0.encoding().max_bitrate.map(u64::from);
        let encoding = RtpEncodingParameters {
            max_bitrate,
            ..RtpEncodingParameters::default()
        };
        RtpParameters {
            encodings: vec![encoding],
            ..RtpParameters::default()
        }
    }

    /// Changes how the track is encoded.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn set_parameters(&self, parameters: RtpParameters) -> Result<(), RtcError> {
        self.0.set_encoding(encoding_of(&parameters.encodings));
        Ok(())
    }

    /// Does nothing: there is no video encoder.
    pub fn set_video_encoder_backend(&self, _backend: VideoEncoderBackend) {}
}

impl fmt::Debug for RtpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtpSender")
            .field("track", &self.track())
            .finish()
    }
}
