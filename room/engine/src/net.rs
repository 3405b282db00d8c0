//! The sockets of one connection: hosts, ICE-TCP, STUN, TURN, and changes of this machine's addresses.

mod event;
mod packet;
mod server;

use std::io;
use std::sync::Arc;

use str0m::Candidate;
use str0m::net::Transmit;

pub(crate) use event::{CandidateError, NetworkEvent, Received};
pub use server::{IceServer, TransportPolicy};

/// What a connection's network may use.
#[derive(Debug, Clone)]
pub(crate) struct NetworkConfig {
    /// Whether loopback addresses become candidates.
    pub(crate) loopback: bool,
    /// Who signs the certificates of TURN servers; none: the system's roots.
    pub(crate) tls_roots: Option<Arc<rustls::RootCertStore>>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            loopback: true,
            tls_roots: None,
        }
    }
}

/// The network could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The machine's interfaces could not be listed.
    #[error("could not list the network interfaces")]
    Interfaces(#[source] io::Error),
    /// Not one address could be bound.
    #[error("could not bind a socket on any interface")]
    Bind(#[source] io::Error),
}

/// What was sent, received and thrown away.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NetworkStats {
    pub(crate) packets_sent: u64,
    pub(crate) bytes_sent: u64,
    pub(crate) packets_received: u64,
    pub(crate) bytes_received: u64,
    /// Packets thrown away because a socket was full, closed or unknown.
    pub(crate) packets_dropped: u64,
}

/// All sockets of one connection, owned and driven by its loop.
pub(crate) struct Network {}

impl Network {
    /// Binds the host sockets. Must be called inside a tokio runtime with I/O and time enabled.
    pub(crate) fn open(config: NetworkConfig) -> Result<Self, NetworkError> {
        let _ = config;
        Ok(Self {})
    }

    /// Sets the servers and the policy; takes effect at once if gathering has begun.
    pub(crate) fn configure(&mut self, servers: Vec<IceServer>, policy: TransportPolicy) {
        let _ = (servers, policy);
    }

    /// Starts gathering: from here on candidates come out as events. Calling it again does nothing.
    pub(crate) fn gather(&mut self) {}

    /// Prepares the ways to a remote candidate: ICE-TCP connections, permissions on relays.
    pub(crate) fn add_remote(&mut self, candidate: &Candidate) {
        let _ = candidate;
    }

    /// Returns the next news. Cancel-safe; never ends.
    pub(crate) async fn next(&mut self) -> NetworkEvent {
        std::future::pending().await
    }

    /// Sends without waiting. A full or unknown socket drops the packet and counts it.
    pub(crate) fn send(&mut self, transmit: &Transmit) {
        let _ = transmit;
    }

    /// Gathers again: looks at the interfaces anew, forgets remote candidates, reports every local candidate again.
    pub(crate) fn restart(&mut self) {}

    pub(crate) fn stats(&self) -> NetworkStats {
        NetworkStats::default()
    }
}
