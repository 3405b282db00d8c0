//! One allocation on a TURN server (RFC 8656), over UDP, TCP or TLS.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use str0m::Candidate;
use str0m::net::Protocol;
use turn_client_proto::api::{Transmit, TurnConfig, TurnEvent, TurnPollRet, TurnRecvRet};
use turn_client_proto::client::TurnClient;
use turn_client_proto::prelude::{DelayedTransmitBuild, TurnClientApi};
use turn_client_proto::stun::Instant as StunInstant;
use turn_client_proto::stun::types::TransportType;
use turn_client_proto::stun::types::attribute::ErrorCode;
use turn_client_proto::stun::types::message::{Message, MessageClass};
use turn_client_proto::tcp::TurnClientTcp;
use turn_client_proto::types::channel::ChannelData;
use turn_client_proto::types::{AddressFamily, TurnCredentials};
use turn_client_proto::udp::TurnClientUdp;

use super::super::event::{CandidateError, UNREACHABLE};
use super::super::host::Sent;
use super::super::packet::{MAX_PACKET, PacketBuffer, PacketPool};
use super::open::RelayTransport;

/// How long the server may take for the allocation itself.
const ALLOCATE_DEADLINE: Duration = Duration::from_secs(5);

/// A peer has few addresses; a channel costs a request every few minutes.
const MAX_PEERS: usize = 16;

/// Packets taken from the socket before others get their turn.
const BATCH: usize = 32;

/// A ChannelData or Send indication header, attributes and padding.
const MAX_OVERHEAD: usize = 64;

/// What happened on a relay.
#[derive(Debug)]
pub(super) enum RelayNews {
    Allocated(Candidate),
    Received {
        peer: SocketAddr,
        relayed: SocketAddr,
        packet: PacketBuffer,
    },
    /// The server will not relay to a peer; the allocation stands.
    Refused(CandidateError),
}

/// The relay is of no more use.
#[derive(Debug)]
pub(super) enum RelayClosed {
    /// There never was an allocation.
    Failed(CandidateError),
    /// The allocation at this address is gone.
    Lost(SocketAddr),
}

/// A TURN client with its socket.
pub(super) struct Relay {
    url: Arc<str>,
    client: TurnClient,
    transport: RelayTransport,
    started: Instant,
    relayed: Option<SocketAddr>,
    peers: Vec<SocketAddr>,
    /// The server's last refusal, for the error text.
    refusal: Option<(u16, String)>,
    wake: Instant,
    closed: bool,
    news: VecDeque<RelayNews>,
}

impl Relay {
    /// Asks for an allocation.
    pub(super) fn start(
        now: Instant,
        url: Arc<str>,
        credentials: TurnCredentials,
        transport: RelayTransport,
    ) -> Self {
        let (local, server) = transport.addresses();
        let mut config = TurnConfig::new(credentials);
        if server.is_ipv6() {
            config.set_address_family(AddressFamily::IPV6);
        }
        config.set_request_retransmits(
            Duration::from_millis(250),
            Duration::from_secs(1),
            5,
            Duration::from_secs(1),
        );
        let client = match &transport {
            RelayTransport::Udp(..) => TurnClientUdp::allocate(local, server, config).into(),
            RelayTransport::Stream(_) => TurnClientTcp::allocate(local, server, config).into(),
        };
        Self {
            url,
            client,
            transport,
            started: now,
            relayed: None,
            peers: Vec::new(),
            refusal: None,
            wake: now,
            closed: false,
            news: VecDeque::new(),
        }
    }

    pub(super) fn url(&self) -> &Arc<str> {
        &self.url
    }

    pub(super) fn relayed(&self) -> Option<SocketAddr> {
        self.relayed
    }

    /// The candidate for the allocation, once there is one.
    pub(super) fn candidate(&self) -> Option<Candidate> {
        let (local, _) = self.transport.addresses();
        Candidate::relayed(self.relayed?, local, Protocol::Udp).ok()
    }

    /// The address of this machine on which the relay depends.
    pub(super) fn local(&self) -> SocketAddr {
        self.transport.addresses().0
    }

    /// `None` once it is closed: it is polled then, and has nothing to wait for.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match (self.closed, self.relayed) {
            (true, _) => None,
            (false, Some(_)) => Some(self.wake),
            (false, None) => Some(self.wake.min(self.allocate_by())),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if self.relayed.is_none() && now >= self.allocate_by() {
            self.closed = true;
        }
        if now >= self.wake {
            self.advance(now);
        }
    }

    /// Lets a peer's packets through.
    pub(super) fn handle_peer(&mut self, now: Instant, peer: SocketAddr) {
        if self.peers.len() < MAX_PEERS && !self.peers.contains(&peer) {
            self.peers.push(peer);
            self.bind(now, peer);
            self.advance(now);
        }
    }

    pub(super) fn send(&mut self, now: Instant, peer: SocketAddr, packet: &[u8]) -> Sent {
        let mut wrapped = [0; MAX_PACKET + MAX_OVERHEAD];
        let at = self.stun_time(now);
        let Ok(Some(transmit)) = self.client.send_to(TransportType::Udp, peer, packet, at) else {
            return Sent::Dropped;
        };
        let length = transmit.data.len();
        let Some(wrapped) = wrapped.get_mut(..length) else {
            return Sent::Dropped;
        };
        let transmit = transmit.write_into(wrapped);
        self.transport.send(transmit.data)
    }

    /// Ready when there is news; the error says that there will be no more.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        pool: &PacketPool,
    ) -> Poll<Result<RelayNews, RelayClosed>> {
        loop {
            if let Some(news) = self.news.pop_front() {
                return Poll::Ready(Ok(news));
            }
            if self.closed {
                return Poll::Ready(Err(self.closing()));
            }
            std::task::ready!(self.poll_transport(cx, now, pool));
            self.advance(now);
        }
    }

    /// Gives the allocation back, as far as that goes without waiting.
    pub(super) fn release(&mut self, now: Instant) {
        let at = self.stun_time(now);
        if self.client.delete(at).is_ok() {
            self.advance(now);
        }
    }

    fn poll_transport(
        &mut self,
        cx: &mut Context<'_>,
        now: Instant,
        pool: &PacketPool,
    ) -> Poll<()> {
        let mut packets = VecDeque::new();
        let progress = self.transport.poll(cx, pool, &mut packets);
        if let Poll::Ready(Err(error)) = &progress {
            tracing::debug!(%error, "the connection to a TURN server closed");
            self.closed = true;
        }
        for packet in packets {
            self.handle_packet(now, &packet, pool);
        }
        progress.map(drop)
    }

    /// Takes one frame of the server.
    pub(super) fn handle_packet(&mut self, now: Instant, packet: &[u8], pool: &PacketPool) {
        if !self.note_refusal(packet) {
            return;
        }
        let (local, server) = self.transport.addresses();
        let transport = self.client.transport();
        let at = self.stun_time(now);
        let received = self
            .client
            .recv(Transmit::new(packet, transport, server, local), at);
        let (TurnRecvRet::PeerData(data), Some(relayed)) = (received, self.relayed) else {
            return;
        };
        let packet = pool.copy(data.data());
        self.news.push_back(RelayNews::Received {
            peer: data.peer,
            relayed,
            packet,
        });
    }

    /// Remembers why the server says no. False: the packet is nothing that a TURN client reads.
    fn note_refusal(&mut self, packet: &[u8]) -> bool {
        let Ok(message) = Message::from_bytes(packet) else {
            return ChannelData::parse(packet).is_ok();
        };
        if message.has_class(MessageClass::Error)
            && let Ok(error) = message.attribute::<ErrorCode>()
        {
            self.refusal = Some((error.code(), error.reason().to_owned()));
        }
        true
    }

    /// Moves packets and events out of the client until it wants to wait.
    fn advance(&mut self, now: Instant) {
        let at = self.stun_time(now);
        loop {
            let mut progressed = false;
            while let Some(transmit) = self.client.poll_transmit(at) {
                self.transport.send(&transmit.data);
                progressed = true;
            }
            while let Some(event) = self.client.poll_event() {
                self.handle_event(now, &event);
                progressed = true;
            }
            match self.client.poll(at) {
                TurnPollRet::WaitUntil(until) if until <= at && progressed => {}
                TurnPollRet::WaitUntil(until) => {
                    let wait = until
                        .saturating_duration_since(at)
                        .max(Duration::from_millis(1));
                    self.wake = now + wait;
                    return;
                }
                TurnPollRet::Closed => {
                    self.closed = true;
                    return;
                }
                // Only for TCP allocations, which are never asked for.
                TurnPollRet::AllocateTcpSocket { .. } | TurnPollRet::TcpClose { .. } => {
                    self.wake = now + Duration::from_secs(1);
                    return;
                }
            }
        }
    }

    fn handle_event(&mut self, now: Instant, event: &TurnEvent) {
        match event {
            TurnEvent::AllocationCreated(TransportType::Udp, relayed) => {
                self.relayed = Some(*relayed);
                if let Some(candidate) = self.candidate() {
                    self.news.push_back(RelayNews::Allocated(candidate));
                }
                for peer in self.peers.clone() {
                    self.bind(now, peer);
                }
            }
            TurnEvent::AllocationCreated(TransportType::Tcp, _)
            | TurnEvent::AllocationCreateFailed(_) => self.closed = true,
            // A server without channels may still grant the permission alone.
            TurnEvent::ChannelCreateFailed(_, peer) => {
                let at = self.stun_time(now);
                if self
                    .client
                    .create_permission(TransportType::Udp, peer.ip(), at)
                    .is_err()
                {
                    self.refuse();
                }
            }
            TurnEvent::PermissionCreateFailed(..) => self.refuse(),
            TurnEvent::PermissionCreated(..)
            | TurnEvent::ChannelCreated(..)
            | TurnEvent::TcpConnected(_)
            | TurnEvent::TcpConnectFailed(_) => {}
        }
    }

    /// A channel is a permission as well, and four bytes a packet instead of thirty-six.
    fn bind(&mut self, now: Instant, peer: SocketAddr) {
        let Some(relayed) = self.relayed else { return };
        if relayed.is_ipv4() != peer.is_ipv4() {
            return;
        }
        let at = self.stun_time(now);
        if let Err(error) = self.client.bind_channel(TransportType::Udp, peer, at) {
            tracing::debug!(%error, "a TURN channel could not be bound");
        }
    }

    fn refuse(&mut self) {
        let error = self.error("the TURN server refuses to relay to the peer");
        self.news.push_back(RelayNews::Refused(error));
    }

    fn closing(&self) -> RelayClosed {
        match self.relayed {
            Some(relayed) => RelayClosed::Lost(relayed),
            None => RelayClosed::Failed(self.error("the TURN server gave no allocation")),
        }
    }

    fn error(&self, what: &str) -> CandidateError {
        let url = self.url.to_string();
        match &self.refusal {
            Some((code, reason)) => CandidateError {
                url,
                code: *code,
                text: format!("{what}: {code} {reason}"),
            },
            None => CandidateError {
                url,
                code: UNREACHABLE,
                text: format!("{what}: no answer"),
            },
        }
    }

    fn allocate_by(&self) -> Instant {
        self.started + ALLOCATE_DEADLINE
    }

    fn stun_time(&self, now: Instant) -> StunInstant {
        let elapsed = now.saturating_duration_since(self.started).as_nanos();
        StunInstant::from_nanos(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }
}

impl RelayTransport {
    /// Our address and the server's.
    fn addresses(&self) -> (SocketAddr, SocketAddr) {
        match self {
            Self::Udp(socket, server) => (socket.address(), *server),
            Self::Stream(link) => (link.local(), link.remote()),
        }
    }

    fn send(&mut self, packet: &[u8]) -> Sent {
        match self {
            Self::Udp(socket, server) => socket.send(*server, packet),
            Self::Stream(link) => link.send(packet),
        }
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        pool: &PacketPool,
        packets: &mut VecDeque<PacketBuffer>,
    ) -> Poll<std::io::Result<()>> {
        match self {
            Self::Stream(link) => link.poll(cx, &mut |packet| packets.push_back(pool.copy(packet))),
            Self::Udp(socket, server) => {
                while packets.len() < BATCH {
                    match socket.poll_receive(cx, pool) {
                        Poll::Ready(Ok((source, packet))) if source == *server => {
                            packets.push_back(packet);
                        }
                        Poll::Ready(Ok(_)) => {}
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                        Poll::Pending if packets.is_empty() => return Poll::Pending,
                        Poll::Pending => return Poll::Ready(Ok(())),
                    }
                }
                Poll::Ready(Ok(()))
            }
        }
    }
}
