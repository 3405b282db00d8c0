//! The states a connection, its transport and its negotiation go through.

/// State of the whole connection: ICE and DTLS together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// Nothing has been negotiated yet.
    New,
    /// ICE checks or the DTLS handshake are under way.
    Connecting,
    /// Media and data flow.
    Connected,
    /// The path stopped answering; it may come back by itself.
    Disconnected,
    /// The path is given up. An ICE restart can still bring the connection back.
    Failed,
    /// Closed by this side. Final.
    Closed,
}

/// State of the ICE agent alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IceState {
    /// No remote candidates yet.
    New,
    /// Candidate pairs are being checked.
    Checking,
    /// A pair works, others are still being checked.
    Connected,
    /// A pair works and no better one is being looked for.
    Completed,
    /// No pair answers any more.
    Disconnected,
    /// Given up.
    Failed,
    /// Closed by this side.
    Closed,
}

/// Where the offer/answer exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalingState {
    /// No exchange is open.
    Stable,
    /// Our offer was set as the local description and waits for its answer.
    HaveLocalOffer,
    /// The peer's offer was set and waits for our answer.
    HaveRemoteOffer,
    /// Closed. Final.
    Closed,
}
