//! The API of the crate `libwebrtc` over a voice-only engine in pure Rust.
//!
//! The crate `livekit` builds against these names unchanged. Each module renames what
//! `room_engine` does; nothing is decided here. What a voice agent has no use for (video, sound
//! cards, frame encryption) exists by name and says honestly that it does nothing.

mod enum_dispatch;

pub mod audio_frame;
pub mod audio_source;
pub mod audio_stream;
pub mod audio_track;
pub mod data_channel;
mod error;
pub mod ice_candidate;
pub mod media_stream;
pub mod media_stream_track;
pub mod native;
pub mod peer_connection;
pub mod peer_connection_factory;
pub mod prelude;
pub mod rtp_parameters;
pub mod rtp_receiver;
pub mod rtp_sender;
pub mod rtp_transceiver;
pub mod session_description;
pub mod stats;
pub mod video_frame;
pub mod video_source;
pub mod video_track;

pub use error::{RtcError, RtcErrorType};

/// Kind of a media section.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum MediaType {
    /// Opus.
    Audio,
    /// Negotiated, never encoded or decoded.
    Video,
    /// A data section; not a kind of transceiver.
    Data,
    /// Anything else.
    Unsupported,
}
