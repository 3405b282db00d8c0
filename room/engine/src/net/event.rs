//! What the network reports to the loop that owns it.

use std::net::SocketAddr;

use str0m::Candidate;
use str0m::net::Protocol;

use super::packet::PacketBuffer;

/// News from the sockets of one connection.
#[derive(Debug)]
pub(crate) enum NetworkEvent {
    /// A local candidate to use and to tell the peer about. Repeated after a restart.
    LocalCandidate(Candidate),
    /// A server gave no candidate. Others may still come.
    CandidateError(CandidateError),
    /// Every server has answered or failed.
    GatheringDone,
    /// A packet for the ICE, DTLS or SRTP layer.
    Received(Received),
    /// Candidates whose own or local address is this one cannot be used any more.
    LocalGone(SocketAddr),
    /// The path in use is dead, with an address of this machine or because UDP is blocked now, and
    /// there is another: an ICE restart is due.
    NetworkChanged,
}

/// One packet and the way it came.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) protocol: Protocol,
    pub(crate) source: SocketAddr,
    /// The local candidate's address: a socket's own or one on a relay.
    pub(crate) destination: SocketAddr,
    pub(crate) contents: PacketBuffer,
}

/// Why a server gave no candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CandidateError {
    /// The server's URL as configured; empty when there was none.
    pub(crate) url: String,
    /// A STUN error code, or 701 (server unreachable) as W3C defines it.
    pub(crate) code: u16,
    /// What went wrong, in words.
    pub(crate) text: String,
}

/// The server could not be reached or did not answer in time (W3C `icecandidateerror`).
pub(crate) const UNREACHABLE: u16 = 701;
