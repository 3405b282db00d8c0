//! Everything a connection can send and receive by, and the events that come of it.

mod gather;
mod receive;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use str0m::Candidate;
use str0m::net::{Protocol, TcpType};

use super::event::NetworkEvent;
use super::host::{HostSocket, Sent};
use super::packet::PacketPool;
use super::resolve::ResolveError;
use super::server::{IceServer, TransportPolicy};
use super::stun::StunRequests;
use super::tcp::IceTcp;
use super::turn::Relays;
use super::{NetworkConfig, NetworkError, interface};

type Resolved = (Arc<str>, Result<Vec<SocketAddr>, ResolveError>);

/// Where gathering stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gathering {
    NotBegun,
    Running,
    Done,
}

/// The sockets of one connection. Its events queue holds at most one batch per socket: nothing is
/// polled before the queue is empty.
pub(super) struct Paths {
    config: NetworkConfig,
    hosts: Vec<HostSocket>,
    tcp: IceTcp,
    stun: StunRequests,
    resolving: FuturesUnordered<BoxFuture<'static, Resolved>>,
    relays: Relays,
    servers: Vec<IceServer>,
    policy: TransportPolicy,
    gathering: Gathering,
    /// The local candidate by which media leaves.
    in_use: Option<SocketAddr>,
    /// The path in use went away and nothing has taken its place.
    is_path_lost: bool,
    events: VecDeque<NetworkEvent>,
    pool: PacketPool,
    packets_dropped: u64,
}

impl Paths {
    pub(super) fn open(config: NetworkConfig) -> Result<Self, NetworkError> {
        let addresses = interface::addresses().map_err(NetworkError::Interfaces)?;
        let relays = Relays::new(config.tls_roots.clone());
        let mut paths = Self {
            config,
            hosts: Vec::new(),
            tcp: IceTcp::default(),
            stun: StunRequests::default(),
            resolving: FuturesUnordered::new(),
            relays,
            servers: Vec::new(),
            policy: TransportPolicy::All,
            gathering: Gathering::NotBegun,
            in_use: None,
            is_path_lost: false,
            events: VecDeque::new(),
            pool: PacketPool::new(),
            packets_dropped: 0,
        };
        match paths.bind_missing(&addresses) {
            Some(error) if paths.hosts.is_empty() => Err(NetworkError::Bind(error)),
            _ => Ok(paths),
        }
    }

    pub(super) fn configure(&mut self, servers: Vec<IceServer>, policy: TransportPolicy) {
        self.servers = servers;
        self.policy = policy;
        if self.gathering != Gathering::NotBegun {
            self.ask_servers();
        }
    }

    pub(super) fn gather(&mut self) {
        if self.gathering == Gathering::NotBegun {
            self.gather_again();
        }
    }

    pub(super) fn restart(&mut self) {
        for local in self.tcp.restart() {
            self.events.push_back(NetworkEvent::LocalGone(local));
        }
        self.stun.clear();
        self.relays.restart();
        self.is_path_lost = false;
        match interface::addresses() {
            Ok(addresses) => drop(self.follow(&addresses)),
            Err(error) => tracing::warn!(%error, "could not list the network interfaces"),
        }
        self.gather_again();
    }

    pub(super) fn add_remote(&mut self, now: Instant, candidate: &Candidate) {
        let remote = candidate.addr();
        match candidate.proto() {
            Protocol::Udp => {
                self.tcp.fallback().handle_udp(remote);
                self.relays.handle_peer(now, remote);
            }
            Protocol::Tcp
                if candidate.tcptype() != Some(TcpType::Active) && self.may_use_hosts() =>
            {
                self.tcp.fallback().handle_tcp(now, remote);
            }
            // A server behind a fake TLS greeting or in TLS without a relay: nobody offers these.
            Protocol::Tcp | Protocol::SslTcp | Protocol::Tls => {}
        }
    }

    pub(super) fn send(
        &mut self,
        now: Instant,
        path: (Protocol, SocketAddr, SocketAddr),
        packet: &[u8],
    ) {
        let (protocol, source, destination) = path;
        let sent = match protocol {
            Protocol::Tcp => self.tcp.send(source, destination, packet),
            Protocol::Udp => match self.hosts.iter().find(|host| host.address() == source) {
                Some(host) => host.send(destination, packet),
                None => self
                    .relays
                    .send(now, (source, destination), packet)
                    .unwrap_or(Sent::Dropped),
            },
            Protocol::SslTcp | Protocol::Tls => Sent::Dropped,
        };
        if !is_stun(packet) {
            self.in_use = Some(source);
        }
        if sent == Sent::Dropped {
            self.packets_dropped += 1;
        }
    }

    pub(super) fn packets_dropped(&self) -> u64 {
        self.packets_dropped
    }

    pub(super) fn poll_event(&mut self) -> Option<NetworkEvent> {
        if self.events.is_empty() {
            self.settle();
        }
        self.events.pop_front()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        [
            self.tcp.deadline(),
            self.stun.deadline(),
            self.relays.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.tcp.handle_timeout(now);
        let locals: Vec<IpAddr> = self.hosts.iter().map(|host| host.address().ip()).collect();
        self.tcp.open_due(&locals);
        if self.tcp.fallback().poll_takeover(now) {
            tracing::debug!("UDP is dead, TCP takes over");
            self.events.push_back(NetworkEvent::NetworkChanged);
        }
        self.relays.handle_timeout(now);
        self.stun.handle_timeout(now);
        self.ask_stun(now);
    }

    /// Waits until a socket has news or the deadline has moved: whoever waits sleeps until the old
    /// one. Cancel-safe.
    pub(super) async fn ready(&mut self) {
        let deadline = self.deadline();
        poll_fn(|cx| match self.poll(cx) {
            Poll::Pending if self.deadline() == deadline => Poll::Pending,
            Poll::Pending | Poll::Ready(()) => Poll::Ready(()),
        })
        .await;
    }

    /// Follows a change of this machine's addresses. New ones are further candidates; it takes an
    /// ICE restart only when the path in use is gone, and only once there is another to go by.
    pub(super) fn handle_addresses(&mut self, addresses: &[IpAddr]) {
        let added = self.follow(addresses);
        if self.gathering != Gathering::NotBegun && !added.is_empty() {
            self.tell_hosts(&added);
            self.ask_servers();
        }
        let has_another = self
            .hosts
            .iter()
            .any(|host| !host.address().ip().is_loopback());
        if self.is_path_lost && has_another {
            self.is_path_lost = false;
            self.events.push_back(NetworkEvent::NetworkChanged);
        }
    }

    /// Opens and closes host sockets. Returns the new ones.
    fn follow(&mut self, addresses: &[IpAddr]) -> Vec<SocketAddr> {
        let gone: Vec<SocketAddr> = self
            .hosts
            .extract_if(.., |host| !addresses.contains(&host.address().ip()))
            .map(|host| host.address())
            .collect();
        for address in &gone {
            let links = self.tcp.remove(address.ip());
            let relays = self.relays.remove(address.ip());
            for lost in [*address].into_iter().chain(links).chain(relays) {
                self.is_path_lost |= self.in_use == Some(lost);
                self.events.push_back(NetworkEvent::LocalGone(lost));
            }
        }
        let known = self.hosts.len();
        if let Some(error) = self.bind_missing(addresses) {
            tracing::debug!(%error, "an address of this machine could not be bound");
        }
        self.hosts[known..]
            .iter()
            .map(HostSocket::address)
            .collect()
    }

    /// Binds a socket on every address that has none. Returns the last failure.
    fn bind_missing(&mut self, addresses: &[IpAddr]) -> Option<std::io::Error> {
        let mut failure = None;
        for ip in addresses {
            let known = self.hosts.iter().any(|host| host.address().ip() == *ip);
            if known || (ip.is_loopback() && !self.config.loopback) {
                continue;
            }
            match HostSocket::bind(*ip) {
                Ok(host) => self.hosts.push(host),
                Err(error) => failure = Some(error),
            }
        }
        failure
    }

    fn may_use_hosts(&self) -> bool {
        self.policy != TransportPolicy::Relay
    }
}

/// RFC 7983: everything else begins with 20 and more.
fn is_stun(packet: &[u8]) -> bool {
    packet.first().is_none_or(|first| *first < 4)
}
