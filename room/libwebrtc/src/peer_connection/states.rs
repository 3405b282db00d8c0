//! States under the names that `livekit` knows.

use room_engine as engine;

/// State of ICE and DTLS together.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum PeerConnectionState {
    /// Nothing negotiated yet.
    New,
    /// Under way.
    Connecting,
    /// Media and data flow.
    Connected,
    /// The path stopped answering.
    Disconnected,
    /// The path is given up.
    Failed,
    /// Closed.
    Closed,
}

impl From<engine::ConnectionState> for PeerConnectionState {
    fn from(state: engine::ConnectionState) -> Self {
        match state {
            engine::ConnectionState::New => Self::New,
            engine::ConnectionState::Connecting => Self::Connecting,
            engine::ConnectionState::Connected => Self::Connected,
            engine::ConnectionState::Disconnected => Self::Disconnected,
            engine::ConnectionState::Failed => Self::Failed,
            engine::ConnectionState::Closed => Self::Closed,
        }
    }
}

/// State of ICE.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum IceConnectionState {
    /// No candidates yet.
    New,
    /// Pairs are being checked.
    Checking,
    /// A pair works.
    Connected,
    /// The best pair was found.
    Completed,
    /// Given up.
    Failed,
    /// No pair answers.
    Disconnected,
    /// Closed.
    Closed,
    /// Not a state.
    Max,
}

impl From<engine::IceState> for IceConnectionState {
    fn from(state: engine::IceState) -> Self {
        match state {
            engine::IceState::New => Self::New,
            engine::IceState::Checking => Self::Checking,
            engine::IceState::Connected => Self::Connected,
            engine::IceState::Completed => Self::Completed,
            engine::IceState::Failed => Self::Failed,
            engine::IceState::Disconnected => Self::Disconnected,
            engine::IceState::Closed => Self::Closed,
        }
    }
}

/// Whether candidates are being looked for.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum IceGatheringState {
    /// Not yet.
    New,
    /// They are.
    Gathering,
    /// All were found.
    Complete,
}

/// Where the exchange stands.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum SignalingState {
    /// No exchange is open.
    Stable,
    /// The own offer waits for its answer.
    HaveLocalOffer,
    /// Never entered: preliminary answers are not supported.
    HaveLocalPrAnswer,
    /// The peer's offer waits for the own answer.
    HaveRemoteOffer,
    /// Never entered: preliminary answers are not supported.
    HaveRemotePrAnswer,
    /// Closed.
    Closed,
}

impl From<engine::SignalingState> for SignalingState {
    fn from(state: engine::SignalingState) -> Self {
        match state {
            engine::SignalingState::Stable => Self::Stable,
            engine::SignalingState::HaveLocalOffer => Self::HaveLocalOffer,
            engine::SignalingState::HaveRemoteOffer => Self::HaveRemoteOffer,
            engine::SignalingState::Closed => Self::Closed,
        }
    }
}
