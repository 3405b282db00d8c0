//! Everything a connection can send and receive by, and the events that come of it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use str0m::net::{Protocol, TcpType};
use str0m::{Candidate, CandidateKind};

use super::event::{CandidateError, NetworkEvent, Received, UNREACHABLE};
use super::host::{HostSocket, Sent};
use super::packet::PacketPool;
use super::resolve::{ResolveError, resolve};
use super::server::{IceServer, ServerKind, ServerUrl, TransportPolicy};
use super::stun::{StunNews, StunRequests};
use super::tcp::{IceTcp, TcpNews};
use super::turn::{Relays, TurnNews};
use super::{NetworkConfig, NetworkError, NetworkStats, interface};

/// Packets taken from one socket before the others get their turn.
const BATCH: usize = 32;

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
    events: VecDeque<NetworkEvent>,
    pool: PacketPool,
    stats: NetworkStats,
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
            events: VecDeque::new(),
            pool: PacketPool::new(),
            stats: NetworkStats::default(),
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
        match sent {
            Sent::Yes => {
                self.stats.packets_sent += 1;
                self.stats.bytes_sent += packet.len() as u64;
            }
            Sent::Dropped => self.stats.packets_dropped += 1,
        }
    }

    pub(super) fn stats(&self) -> NetworkStats {
        self.stats
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
        self.tcp
            .open_due(self.hosts.iter().map(|host| host.address().ip()));
        self.relays.handle_timeout(now);
        self.stun.handle_timeout(now);
        self.ask_stun(now);
    }

    /// Waits until a socket has news. Cancel-safe.
    pub(super) async fn ready(&mut self) {
        poll_fn(|cx| self.poll(cx)).await;
    }

    /// Follows a change of this machine's addresses.
    pub(super) fn handle_addresses(&mut self, addresses: &[IpAddr]) {
        if self.follow(addresses) {
            self.events.push_back(NetworkEvent::NetworkChanged);
        }
    }

    /// Opens and closes host sockets. Returns whether anything changed.
    fn follow(&mut self, addresses: &[IpAddr]) -> bool {
        let gone: Vec<SocketAddr> = self
            .hosts
            .extract_if(.., |host| !addresses.contains(&host.address().ip()))
            .map(|host| host.address())
            .collect();
        let known = self.hosts.len();
        if let Some(error) = self.bind_missing(addresses) {
            tracing::debug!(%error, "an address of this machine could not be bound");
        }
        for address in &gone {
            let links = self.tcp.remove(address.ip());
            let relays = self.relays.remove(address.ip());
            let lost = [*address].into_iter().chain(links).chain(relays);
            self.events.extend(lost.map(NetworkEvent::LocalGone));
        }
        !gone.is_empty() || self.hosts.len() != known
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

    fn gather_again(&mut self) {
        if self.policy == TransportPolicy::All {
            for host in &self.hosts {
                match Candidate::host(host.address(), Protocol::Udp) {
                    Ok(candidate) => self
                        .events
                        .push_back(NetworkEvent::LocalCandidate(candidate)),
                    Err(error) => tracing::debug!(%error, "an address makes no candidate"),
                }
            }
        }
        self.events
            .extend(self.relays.candidates().map(NetworkEvent::LocalCandidate));
        self.ask_servers();
    }

    fn ask_servers(&mut self) {
        self.gathering = Gathering::Running;
        for server in &self.servers {
            for url in &server.urls {
                match ServerUrl::parse(url) {
                    Ok(parsed) if parsed.kind == ServerKind::Turn => {
                        self.relays.start(url, parsed, server);
                    }
                    Ok(_) if self.policy == TransportPolicy::Relay => {}
                    Ok(parsed) => {
                        let url: Arc<str> = url.as_str().into();
                        self.resolving.push(Box::pin(async move {
                            let addresses = resolve(&parsed.host, parsed.port).await;
                            (url, addresses)
                        }));
                    }
                    Err(error) => {
                        let (url, text) = (url.clone(), error.to_string());
                        let error = CandidateError {
                            url,
                            code: UNREACHABLE,
                            text,
                        };
                        self.events.push_back(NetworkEvent::CandidateError(error));
                    }
                }
            }
        }
    }

    /// Says so when the last server has answered or failed.
    fn settle(&mut self) {
        let settled = self.resolving.is_empty() && self.stun.is_idle() && self.relays.is_settled();
        if self.gathering != Gathering::Running || !settled {
            return;
        }
        self.gathering = Gathering::Done;
        if self.policy == TransportPolicy::Relay && self.relays.candidates().next().is_none() {
            let text =
                "only relayed candidates are allowed, and no TURN server gave one".to_owned();
            let error = CandidateError {
                url: String::new(),
                code: UNREACHABLE,
                text,
            };
            self.events.push_back(NetworkEvent::CandidateError(error));
        }
        self.events.push_back(NetworkEvent::GatheringDone);
    }

    fn may_use_hosts(&self) -> bool {
        self.policy != TransportPolicy::Relay
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = super::now();
        let mut progress = self.poll_hosts(cx).is_ready();
        progress |= self.poll_tcp(cx).is_ready();
        progress |= self.poll_relays(cx, now).is_ready();
        while let Poll::Ready(Some(resolved)) = self.resolving.poll_next_unpin(cx) {
            self.handle_resolved(now, resolved);
            progress = true;
        }
        if progress {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn poll_hosts(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut progress = Poll::Pending;
        for index in 0..self.hosts.len() {
            for _ in 0..BATCH {
                let Poll::Ready(received) = self.hosts[index].poll_receive(cx, &self.pool) else {
                    break;
                };
                progress = Poll::Ready(());
                let Ok((source, contents)) = received else {
                    break;
                };
                let destination = self.hosts[index].address();
                self.tcp.fallback().handle_udp_packet(source);
                if self.stun.handle_packet(source, &contents) {
                    self.take_stun_news();
                } else if self.policy != TransportPolicy::Relay {
                    let protocol = Protocol::Udp;
                    self.receive(Received {
                        protocol,
                        source,
                        destination,
                        contents,
                    });
                }
            }
        }
        progress
    }

    fn poll_tcp(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut news = VecDeque::new();
        let pool = &self.pool;
        let progress = self.tcp.poll(cx, &mut |told| {
            news.push_back(match told {
                TcpNews::Connected(local) => match tcp_candidate(local) {
                    Some(candidate) => NetworkEvent::LocalCandidate(candidate),
                    None => NetworkEvent::LocalGone(local),
                },
                TcpNews::Received {
                    local,
                    remote,
                    packet,
                } => NetworkEvent::Received(Received {
                    protocol: Protocol::Tcp,
                    source: remote,
                    destination: local,
                    contents: pool.copy(packet),
                }),
                TcpNews::Closed(local) => NetworkEvent::LocalGone(local),
            });
        });
        for event in news {
            match event {
                NetworkEvent::Received(received) => self.receive(received),
                other => self.events.push_back(other),
            }
        }
        progress
    }

    fn poll_relays(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<()> {
        let mut progress = Poll::Pending;
        for _ in 0..BATCH {
            let Poll::Ready(news) = self.relays.poll(cx, now, &self.pool) else {
                break;
            };
            progress = Poll::Ready(());
            match news {
                TurnNews::Candidate(candidate) => {
                    self.events
                        .push_back(NetworkEvent::LocalCandidate(candidate));
                }
                TurnNews::Received {
                    peer,
                    relayed,
                    packet,
                } => self.receive(Received {
                    protocol: Protocol::Udp,
                    source: peer,
                    destination: relayed,
                    contents: packet,
                }),
                TurnNews::Failed(error) => {
                    self.events.push_back(NetworkEvent::CandidateError(error))
                }
                TurnNews::Lost(relayed) => {
                    self.events.push_back(NetworkEvent::LocalGone(relayed));
                    self.events.push_back(NetworkEvent::NetworkChanged);
                }
            }
        }
        progress
    }

    fn handle_resolved(&mut self, now: Instant, (url, resolved): Resolved) {
        let servers = match resolved {
            Ok(servers) => servers,
            Err(error) => {
                let (url, text) = (url.to_string(), error.to_string());
                let error = CandidateError {
                    url,
                    code: UNREACHABLE,
                    text,
                };
                self.events.push_back(NetworkEvent::CandidateError(error));
                return;
            }
        };
        for host in self.hosts.iter().map(HostSocket::address) {
            let server = servers.iter().find(|server| {
                server.is_ipv4() == host.is_ipv4()
                    && host.ip().is_loopback() == server.ip().is_loopback()
            });
            if let Some(server) = server {
                self.stun.start(now, url.clone(), *server, host);
            }
        }
        self.ask_stun(now);
    }

    fn ask_stun(&mut self, now: Instant) {
        while let Some(transmit) = self.stun.poll_transmit(now) {
            if let Some(host) = self
                .hosts
                .iter()
                .find(|host| host.address() == transmit.base)
            {
                host.send(transmit.server, &transmit.contents);
            }
        }
        self.take_stun_news();
    }

    fn take_stun_news(&mut self) {
        while let Some(news) = self.stun.poll_news() {
            match news {
                // No translation: the host candidate says the same.
                StunNews::Mapped { base, mapped } if base == mapped => {}
                StunNews::Mapped { base, mapped } => {
                    match Candidate::server_reflexive(mapped, base, Protocol::Udp) {
                        Ok(candidate) => {
                            self.events
                                .push_back(NetworkEvent::LocalCandidate(candidate));
                        }
                        Err(error) => {
                            tracing::debug!(%error, "a STUN server's answer makes no candidate")
                        }
                    }
                }
                StunNews::Failed(error) => {
                    self.events.push_back(NetworkEvent::CandidateError(error));
                }
            }
        }
    }

    fn receive(&mut self, received: Received) {
        self.stats.packets_received += 1;
        self.stats.bytes_received += received.contents.len() as u64;
        self.events.push_back(NetworkEvent::Received(received));
    }
}

fn tcp_candidate(local: SocketAddr) -> Option<Candidate> {
    let candidate = Candidate::builder()
        .tcp()
        .host(local)
        .tcptype(TcpType::Active)
        .build()
        .ok()?;
    debug_assert_eq!(candidate.kind(), CandidateKind::Host);
    Some(candidate)
}
