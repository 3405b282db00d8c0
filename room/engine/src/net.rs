//! The sockets of one connection: hosts, ICE-TCP, STUN, TURN, and changes of this machine's addresses.

mod event;
mod fallback;
mod framing;
mod host;
mod interface;
mod link;
mod packet;
mod paths;
mod resolve;
mod server;
mod stun;
mod tcp;
mod turn;
mod watch;

use std::io;
use std::sync::Arc;
use std::time::Instant;

use str0m::Candidate;
use str0m::net::Transmit;

pub(crate) use event::{NetworkEvent, Received};
pub use server::{IceServer, TransportPolicy};

use self::paths::Paths;
use self::watch::AddressWatch;

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

/// All sockets of one connection, owned and driven by its loop.
///
/// Everything is bounded: a socket that is full drops what it is given, as a network would, and no
/// socket is read before the events of the last reading were taken.
pub(crate) struct Network {
    watch: AddressWatch,
    paths: Paths,
}

impl Network {
    /// Binds the host sockets. Must be called inside a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    /// No interface can be listed, or not one socket can be bound.
    pub(crate) fn open(config: NetworkConfig) -> Result<Self, NetworkError> {
        // Subscribed first: what changes while the sockets are bound is seen afterwards.
        let watch = AddressWatch::subscribe().map_err(NetworkError::Interfaces)?;
        Ok(Self {
            watch,
            paths: Paths::open(config)?,
        })
    }

    /// Sets the servers and the policy; takes effect at once if gathering has begun. Host
    /// candidates that were told already are not taken back.
    pub(crate) fn configure(&mut self, servers: Vec<IceServer>, policy: TransportPolicy) {
        self.paths.configure(servers, policy);
    }

    /// Starts gathering: from here on candidates come out as events. Calling it again does nothing.
    pub(crate) fn gather(&mut self) {
        self.paths.gather();
    }

    /// Prepares the ways to a remote candidate: ICE-TCP connections, permissions on relays. Wants
    /// every candidate of the peer, from descriptions as well as trickled.
    pub(crate) fn add_remote(&mut self, candidate: &Candidate) {
        self.paths.add_remote(now(), candidate);
    }

    /// Returns the next news. Cancel-safe; never ends.
    pub(crate) async fn next(&mut self) -> NetworkEvent {
        loop {
            if let Some(event) = self.paths.poll_event() {
                return event;
            }
            // Checked here as well, so that a flood of packets does not starve the timers.
            let deadline = self.paths.deadline();
            if deadline.is_some_and(|deadline| deadline <= now()) {
                self.paths.handle_timeout(now());
                continue;
            }
            tokio::select! {
                biased;
                addresses = self.watch.changed() => self.paths.handle_addresses(&addresses),
                () = self.paths.ready() => {}
                () = sleep_until(deadline) => {}
            }
        }
    }

    /// Sends without waiting. A full or unknown socket drops the packet and counts it.
    pub(crate) fn send(&mut self, transmit: &Transmit) {
        let path = (transmit.proto, transmit.source, transmit.destination);
        self.paths.send(now(), path, &transmit.contents);
    }

    /// Gathers again: looks at the interfaces anew, forgets remote candidates, reports every local
    /// candidate again. Call it when an ICE restart is offered, before the new remote candidates.
    pub(crate) fn restart(&mut self) {
        self.paths.restart();
    }

    /// Returns how many packets were thrown away because a socket was full, closed or unknown.
    pub(crate) fn packets_dropped(&self) -> u64 {
        self.paths.packets_dropped()
    }
}

/// The loop's clock, which a test can pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
