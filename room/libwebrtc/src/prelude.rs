//! The names that `livekit` imports at once.

pub use crate::audio_frame::AudioFrame;
pub use crate::audio_source::{AudioSourceOptions, RtcAudioSource};
pub use crate::audio_track::RtcAudioTrack;
pub use crate::data_channel::{
    DataBuffer, DataChannel, DataChannelError, DataChannelInit, DataChannelState,
};
pub use crate::ice_candidate::IceCandidate;
pub use crate::media_stream::MediaStream;
pub use crate::media_stream_track::{MediaStreamTrack, RtcTrackState};
pub use crate::peer_connection::{
    AnswerOptions, IceConnectionState, IceGatheringState, OfferOptions, PeerConnection,
    PeerConnectionState, SignalingState,
};
pub use crate::peer_connection_factory::{
    ContinualGatheringPolicy, IceServer, IceTransportsType, PeerConnectionFactory, RtcConfiguration,
};
pub use crate::rtp_parameters::*;
pub use crate::rtp_receiver::RtpReceiver;
pub use crate::rtp_sender::{RtpSender, VideoEncoderBackend};
pub use crate::rtp_transceiver::{RtpTransceiver, RtpTransceiverDirection, RtpTransceiverInit};
pub use crate::session_description::{SdpType, SessionDescription};
pub use crate::video_frame::{I420Buffer, VideoFrame, VideoRotation};
pub use crate::video_source::{RtcVideoSource, VideoResolution};
pub use crate::video_track::RtcVideoTrack;
pub use crate::{MediaType, RtcError, RtcErrorType};
