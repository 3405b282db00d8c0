//! A voice-only WebRTC engine in pure Rust.
//!
//! A [`Connection`] negotiates by session descriptions like any WebRTC peer, sends what an
//! [`AudioSource`](audio::AudioSource) is given as Opus, decodes what arrives into
//! [`AudioStream`](audio::AudioStream)s, and carries [`DataChannel`]s. ICE, DTLS, SRTP and SCTP
//! are done by str0m, Opus by libopus. The engine brings its own threads, so that an application
//! that blocks does not stop its media.

pub mod audio;
mod candidate;
mod channel;
mod config;
mod connection;
mod description;
mod error;
mod events;
mod handler;
mod identity;
mod latch;
mod link;
mod negotiation;
mod net;
mod runtime;
mod state;
mod stats;
mod track;
mod transceiver;

pub use candidate::{CandidateError, IceCandidate};
pub use channel::{
    ChannelReliability, ChannelState, DataChannel, DataChannelConfig, Message, SendError,
};
pub use config::{ConnectionConfig, OfferPurpose};
pub use connection::Connection;
pub use description::{Description, DescriptionKind};
pub use error::EngineError;
pub use handler::Handler;
pub use identity::random_uuid;
pub use net::{IceServer, NetworkError, TransportPolicy};
pub use runtime::live_tasks;
pub use state::{ConnectionState, IceState, SignalingState};
pub use stats::{ConnectionStats, InboundStats, OutboundStats, PathStats, ReportedStats};
pub use track::{LocalTrack, MediaKind, RemoteTrack};
pub use transceiver::{Direction, SendEncoding, Transceiver, TransceiverInit};
