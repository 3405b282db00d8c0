//! Every TURN server of one connection: opening, relaying, closing.

mod open;
mod relay;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use rustls::RootCertStore;
use str0m::Candidate;
use tokio::time::timeout;
use turn_client_proto::types::TurnCredentials;

use self::open::{OpenError, RelayTransport, open};
use self::relay::{Relay, RelayClosed, RelayNews};
use super::event::{CandidateError, UNREACHABLE};
use super::host::Sent;
use super::packet::{PacketBuffer, PacketPool};
use super::server::{IceServer, ServerUrl};

/// Name, connection and TLS together; with the allocation it stays under ten seconds.
const OPEN_DEADLINE: Duration = Duration::from_secs(5);

/// A relay costs a socket and an allocation on the server; nobody needs more ways than this.
const MAX_RELAYS: usize = 8;

/// What happened on the relays.
#[derive(Debug)]
pub(super) enum TurnNews {
    Candidate(Candidate),
    Received {
        peer: SocketAddr,
        relayed: SocketAddr,
        packet: PacketBuffer,
    },
    Failed(CandidateError),
    /// An allocation that was a candidate is gone.
    Lost(SocketAddr),
}

struct Opened {
    url: Arc<str>,
    credentials: TurnCredentials,
    result: Result<RelayTransport, OpenError>,
}

/// The allocations of one connection.
pub(super) struct Relays {
    roots: Option<Arc<RootCertStore>>,
    opening: FuturesUnordered<BoxFuture<'static, Opened>>,
    /// URLs that are being opened or hold an allocation.
    urls: Vec<Arc<str>>,
    relays: Vec<Relay>,
    peers: Vec<SocketAddr>,
}

impl Relays {
    pub(super) fn new(roots: Option<Arc<RootCertStore>>) -> Self {
        Self {
            roots,
            opening: FuturesUnordered::new(),
            urls: Vec::new(),
            relays: Vec::new(),
            peers: Vec::new(),
        }
    }

    /// Starts an allocation unless there is one at this URL.
    pub(super) fn start(&mut self, url: &str, parsed: ServerUrl, server: &IceServer) {
        if self.urls.len() >= MAX_RELAYS || self.urls.iter().any(|known| **known == *url) {
            return;
        }
        let url: Arc<str> = url.into();
        let credentials = TurnCredentials::new(&server.username, &server.password);
        let roots = self.roots.clone();
        self.urls.push(url.clone());
        self.opening.push(Box::pin(async move {
            let opened = timeout(OPEN_DEADLINE, open(parsed, roots)).await;
            let result = opened
                .unwrap_or_else(|_| Err(OpenError::Socket(std::io::ErrorKind::TimedOut.into())));
            Opened {
                url,
                credentials,
                result,
            }
        }));
    }

    /// Whether every server has answered or failed.
    pub(super) fn is_settled(&self) -> bool {
        self.opening.is_empty() && self.relays.iter().all(|relay| relay.relayed().is_some())
    }

    /// The candidates that hold now.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Candidate> + '_ {
        self.relays.iter().filter_map(Relay::candidate)
    }

    /// Lets a peer's packets through on every relay, also on those still to come.
    pub(super) fn handle_peer(&mut self, now: Instant, peer: SocketAddr) {
        for relay in &mut self.relays {
            relay.handle_peer(now, peer);
        }
        // `Relay` bounds what it takes of them.
        if self.peers.len() < 32 && !self.peers.contains(&peer) {
            self.peers.push(peer);
        }
    }

    /// Forgets the peers; allocations stay.
    pub(super) fn restart(&mut self) {
        self.peers.clear();
    }

    /// Closes what runs over a local address that is gone. Returns the candidates lost.
    pub(super) fn remove(&mut self, ip: IpAddr) -> Vec<SocketAddr> {
        let gone: Vec<_> = self
            .relays
            .extract_if(.., |relay| relay.local().ip() == ip)
            .collect();
        for relay in &gone {
            self.forget(relay.url());
        }
        gone.iter().filter_map(Relay::relayed).collect()
    }

    /// Sends by the relay that owns `relayed`; none if no relay does.
    pub(super) fn send(
        &mut self,
        now: Instant,
        (relayed, peer): (SocketAddr, SocketAddr),
        packet: &[u8],
    ) -> Option<Sent> {
        let relay = self
            .relays
            .iter_mut()
            .find(|relay| relay.relayed() == Some(relayed))?;
        Some(relay.send(now, peer, packet))
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.relays.iter().filter_map(Relay::deadline).min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for relay in &mut self.relays {
            relay.handle_timeout(now);
        }
    }

    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        pool: &PacketPool,
    ) -> Poll<TurnNews> {
        while let Poll::Ready(Some(opened)) = self.opening.poll_next_unpin(cx) {
            if let Some(failed) = self.handle_opened(now, opened) {
                return Poll::Ready(TurnNews::Failed(failed));
            }
        }
        for index in 0..self.relays.len() {
            let Poll::Ready(news) = self.relays[index].poll(cx, now, pool) else {
                continue;
            };
            return Poll::Ready(match news {
                Ok(RelayNews::Allocated(candidate)) => TurnNews::Candidate(candidate),
                Ok(RelayNews::Received {
                    peer,
                    relayed,
                    packet,
                }) => TurnNews::Received {
                    peer,
                    relayed,
                    packet,
                },
                Ok(RelayNews::Refused(error)) => TurnNews::Failed(error),
                Err(closed) => {
                    let relay = self.relays.swap_remove(index);
                    self.forget(relay.url());
                    match closed {
                        RelayClosed::Failed(error) => TurnNews::Failed(error),
                        RelayClosed::Lost(relayed) => TurnNews::Lost(relayed),
                    }
                }
            });
        }
        Poll::Pending
    }

    fn handle_opened(&mut self, now: Instant, opened: Opened) -> Option<CandidateError> {
        let transport = match opened.result {
            Ok(transport) => transport,
            Err(error) => {
                self.forget(&opened.url);
                let text = error.to_string();
                return Some(CandidateError {
                    url: opened.url.to_string(),
                    code: UNREACHABLE,
                    text,
                });
            }
        };
        let mut relay = Relay::start(now, opened.url, opened.credentials, transport);
        for peer in &self.peers {
            relay.handle_peer(now, *peer);
        }
        relay.handle_timeout(now);
        self.relays.push(relay);
        None
    }

    fn forget(&mut self, url: &Arc<str>) {
        self.urls.retain(|known| known != url);
    }
}

impl Drop for Relays {
    fn drop(&mut self) {
        let now = super::now();
        for relay in &mut self.relays {
            relay.release(now);
        }
    }
}

#[cfg(test)]
mod tests;
