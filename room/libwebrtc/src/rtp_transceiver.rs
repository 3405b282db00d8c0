//! Media sections.

use std::fmt;

use room_engine::{Direction, SendEncoding, TransceiverInit};

use crate::RtcError;
use crate::rtp_parameters::{RtpCodecCapability, RtpEncodingParameters};
use crate::rtp_receiver::RtpReceiver;
use crate::rtp_sender::RtpSender;

/// Which way media flows, seen from this side.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum RtpTransceiverDirection {
    /// Both ways.
    SendRecv,
    /// We send.
    SendOnly,
    /// We receive.
    RecvOnly,
    /// Nobody sends.
    Inactive,
    /// Given up; treated as inactive.
    Stopped,
}

impl From<RtpTransceiverDirection> for Direction {
    fn from(direction: RtpTransceiverDirection) -> Self {
        match direction {
            RtpTransceiverDirection::SendRecv => Self::SendRecv,
            RtpTransceiverDirection::SendOnly => Self::SendOnly,
            RtpTransceiverDirection::RecvOnly => Self::RecvOnly,
            RtpTransceiverDirection::Inactive | RtpTransceiverDirection::Stopped => Self::Inactive,
        }
    }
}

impl From<Direction> for RtpTransceiverDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::SendRecv => Self::SendRecv,
            Direction::SendOnly => Self::SendOnly,
            Direction::RecvOnly => Self::RecvOnly,
            Direction::Inactive => Self::Inactive,
        }
    }
}

/// What a new section starts with.
#[derive(Debug, Clone)]
pub struct RtpTransceiverInit {
    /// Which way media shall flow.
    pub direction: RtpTransceiverDirection,
    /// Streams the sent track belongs to.
    pub stream_ids: Vec<String>,
    /// Layers to send.
    pub send_encodings: Vec<RtpEncodingParameters>,
}

impl From<RtpTransceiverInit> for TransceiverInit {
    fn from(init: RtpTransceiverInit) -> Self {
        Self {
            direction: init.direction.into(),
            stream_ids: init.stream_ids,
            encoding: encoding_of(&init.send_encodings),
        }
    }
}

/// What a voice takes from the layers: the bit rate of the first.
pub(crate) fn encoding_of(encodings: &[RtpEncodingParameters]) -> SendEncoding {
    let max_bitrate = encodings.first().and_then(|encoding| encoding.max_bitrate);
    SendEncoding {
        max_bitrate: max_bitrate.map(|bits| u32::try_from(bits).unwrap_or(u32::MAX)),
    }
}

/// A media section. Clones are the same section.
#[derive(Clone)]
pub struct RtpTransceiver(pub(crate) room_engine::Transceiver);

impl RtpTransceiver {
    /// Returns the name of the section, once a description named it.
    #[must_use]
    pub fn mid(&self) -> Option<String> {
        self.0.mid()
    }

    /// Returns the direction agreed on.
    #[must_use]
    pub fn current_direction(&self) -> Option<RtpTransceiverDirection> {
        self.0.current_direction().map(Into::into)
    }

    /// Returns the direction wanted.
    #[must_use]
    pub fn direction(&self) -> RtpTransceiverDirection {
        self.0.direction().into()
    }

    /// Returns the sending half.
    #[must_use]
    pub fn sender(&self) -> RtpSender {
        RtpSender(self.0.clone())
    }

    /// Returns the receiving half.
    #[must_use]
    pub fn receiver(&self) -> RtpReceiver {
        RtpReceiver(self.0.clone())
    }

    /// Does nothing: there is one codec per kind.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    pub fn set_codec_preferences(&self, _codecs: Vec<RtpCodecCapability>) -> Result<(), RtcError> {
        Ok(())
    }
}

impl fmt::Debug for RtpTransceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RtpTransceiver")
            .field("mid", &self.mid())
            .field("direction", &self.direction())
            .finish()
    }
}
