//! What a connection is told before it starts.

use crate::net::{IceServer, TransportPolicy};

/// Settings of one connection. Servers and policy may be changed later with
/// [`Connection::set_servers`](crate::Connection::set_servers).
#[derive(Debug, Clone, Default)]
pub struct ConnectionConfig {
    /// Servers that help to find a path: STUN and TURN.
    pub ice_servers: Vec<IceServer>,
    /// Which kinds of paths may be used.
    pub policy: TransportPolicy,
    /// Offers the SCTP handshake inside the session description (SNAP), which saves two round
    /// trips before the first data channel opens. Peers that do not know it ignore it.
    pub sctp_in_sdp: bool,
}

/// What an offer is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OfferPurpose {
    /// Negotiates what changed: tracks, directions, channels.
    #[default]
    Renegotiate,
    /// Looks for a new path as well, with fresh ICE credentials.
    IceRestart,
}
