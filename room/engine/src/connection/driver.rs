//! The loop that owns a connection: str0m, the sockets, the codecs and the channels.

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::net::Receive;
use str0m::{Candidate, Event as RtcEvent, IceConnectionState, Input, Output, Rtc};
use tokio::sync::mpsc;

use super::association::Association;
use super::health::{Change, Health};
use super::media::Media;
use super::shared::Shared;
use super::transport;
use crate::candidate::{CandidateError, IceCandidate};
use crate::config::{ConnectionConfig, OfferPurpose};
use crate::description::{Description, DescriptionKind};
use crate::error::EngineError;
use crate::events::Event;
use crate::link::{Link, Request};
use crate::negotiation::{Negotiation, WantedTransceivers};
use crate::net::{Network, NetworkConfig, NetworkEvent, Received};
use crate::state::IceState;
use crate::stats::{ConnectionStats, PathStats};

/// str0m asks for far away deadlines when it has nothing to do.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

pub(super) struct Driver {
    rtc: Rtc,
    network: Network,
    negotiation: Negotiation,
    media: Media,
    association: Association,
    health: Health,
    path: PathStats,
    local_candidates: Vec<Candidate>,
    /// The offer created last looks for a new path.
    restarts_ice: bool,
    rtc_deadline: Instant,
    inbox: mpsc::Receiver<Request>,
    shared: Arc<Shared>,
}

impl Driver {
    /// Binds the sockets. Must be called inside the engine's media runtime.
    pub(super) fn new(
        config: ConnectionConfig,
        shared: Arc<Shared>,
        link: Link,
        inbox: mpsc::Receiver<Request>,
    ) -> Result<Self, EngineError> {
        let now = now();
        let rtc = transport::build(&config, now);
        let mut network = Network::open(NetworkConfig::default())?;
        network.configure(config.ice_servers, config.policy);
        Ok(Self {
            rtc,
            network,
            negotiation: Negotiation::new(link.clone()),
            media: Media::new(),
            association: Association::new(shared.events.clone(), link),
            health: Health::new(),
            path: PathStats::default(),
            local_candidates: Vec::new(),
            restarts_ice: false,
            rtc_deadline: now,
            inbox,
            shared,
        })
    }

    pub(super) async fn run(mut self) {
        let closing = self.shared.closing.clone();
        let wake = self.shared.wake.clone();
        let audio = self.media.wake.clone();
        loop {
            let deadline = self.deadline();
            tokio::select! {
                biased; // leaving first, then requests, then news, then time
                () = closing.cancelled() => break,
                Some(request) = self.inbox.recv() => self.handle_request(request),
                () = wake.notified() => self.reconcile(),
                event = self.network.next() => self.handle_network(event),
                () = audio.notified() => {}
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
            self.advance();
        }
        self.close();
    }

    /// Does what is due, then lets str0m work until it is idle.
    fn advance(&mut self) {
        let now = now();
        if self.rtc_deadline <= now {
            self.input(Input::Timeout(now));
        }
        self.health.handle_timeout(now);
        self.media
            .handle_timeout(&mut self.rtc, now, self.health.was_connected());
        self.drain();
        self.publish_health();
    }

    fn deadline(&self) -> Instant {
        [self.health.deadline(), self.media.deadline()]
            .into_iter()
            .flatten()
            .fold(self.rtc_deadline, Instant::min)
            .min(now() + LONGEST_SLEEP)
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => self.network.send(&transmit),
                Ok(Output::Event(event)) => self.handle_event(event),
                Ok(Output::Timeout(deadline)) => {
                    if !self.association.pump(&mut self.rtc) {
                        self.rtc_deadline = deadline;
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the transport failed");
                    self.health.handle_broken();
                    self.rtc_deadline = now() + LONGEST_SLEEP;
                    return;
                }
            }
        }
    }

    fn input(&mut self, input: Input<'_>) {
        if let Err(error) = self.rtc.handle_input(input) {
            tracing::debug!(%error, "the transport refused an input");
        }
    }

    fn handle_request(&mut self, request: Request) {
        match request {
            Request::CreateOffer(purpose, reply) => {
                let offer = self.create_offer(purpose);
                drop(reply.send(offer));
            }
            Request::CreateAnswer(reply) => drop(reply.send(self.negotiation.create_answer())),
            Request::SetLocal(description, reply) => {
                let result = self.set_local(description);
                drop(reply.send(result));
            }
            Request::SetRemote(description, reply) => {
                let result = self.set_remote(description);
                drop(reply.send(result));
            }
            Request::AddCandidate(candidate, reply) => {
                self.add_remote_candidate(&candidate);
                drop(reply.send(Ok(())));
            }
            Request::Stats(reply) => drop(reply.send(Ok(self.stats()))),
        }
    }

    fn create_offer(&mut self, purpose: OfferPurpose) -> Result<Description, EngineError> {
        let (transceivers, data) = {
            let snapshot = self.shared.snapshot.lock();
            (snapshot.transceivers.clone(), !snapshot.channels.is_empty())
        };
        let wanted = WantedTransceivers {
            transceivers: &transceivers,
            data,
            purpose,
        };
        let streams = &mut self.association.streams;
        let offer = self
            .negotiation
            .create_offer(&mut self.rtc, streams, wanted)?;
        self.restarts_ice = purpose == OfferPurpose::IceRestart;
        Ok(offer)
    }

    fn set_local(&mut self, description: Description) -> Result<(), EngineError> {
        let is_offer = description.kind() == DescriptionKind::Offer;
        self.negotiation.set_local(&mut self.rtc, description)?;
        // Not earlier: a server that learns a candidate with the offer checks it before we have its
        // credentials, and its next attempt comes 250 ms later.
        self.network.gather();
        if is_offer && std::mem::take(&mut self.restarts_ice) {
            self.network.restart();
        }
        self.publish_negotiation();
        Ok(())
    }

    fn set_remote(&mut self, description: Description) -> Result<(), EngineError> {
        let candidates = candidates(description.sdp());
        let agreement = self.negotiation.set_remote(&mut self.rtc, description)?;
        self.shared
            .snapshot
            .lock()
            .transceivers
            .extend(agreement.added);
        for candidate in candidates {
            self.network.add_remote(&candidate);
        }
        self.health.handle_negotiated(now());
        self.publish_negotiation();
        self.reconcile();
        for transceiver in agreement.tracks {
            self.shared.events.push(Event::Track(transceiver));
        }
        Ok(())
    }

    fn add_remote_candidate(&mut self, candidate: &IceCandidate) {
        if candidate.text.is_empty() {
            return;
        }
        match Candidate::from_sdp_string(&candidate.text) {
            Ok(candidate) => {
                self.network.add_remote(&candidate);
                self.rtc.add_remote_candidate(candidate);
            }
            Err(error) => tracing::debug!(%error, "a candidate of the peer was left out"),
        }
    }

    /// Follows what the application changed through its handles.
    fn reconcile(&mut self) {
        let mut snapshot = self.shared.snapshot.lock();
        if let Some((servers, policy)) = snapshot.new_servers.take() {
            self.network.configure(servers, policy);
        }
        let is_negotiated = self.negotiation.has_application();
        self.association
            .reconcile(&mut self.rtc, &mut snapshot.channels, is_negotiated);
        drop(snapshot);
        self.media.reconcile(&self.rtc, self.negotiation.agreed());
    }

    fn handle_network(&mut self, event: NetworkEvent) {
        match event {
            NetworkEvent::Received(received) => self.receive(&received),
            NetworkEvent::LocalCandidate(candidate) => self.add_local_candidate(candidate),
            NetworkEvent::LocalGone(address) => self.remove_local_candidates(address),
            NetworkEvent::NetworkChanged => self.health.handle_path_lost(),
            NetworkEvent::CandidateError(error) => {
                let error = CandidateError {
                    url: error.url,
                    code: error.code,
                    text: error.text,
                };
                self.shared.events.push(Event::CandidateError(error));
            }
            NetworkEvent::GatheringDone => self.shared.events.push(Event::GatheringDone),
        }
    }

    fn receive(&mut self, received: &Received) {
        // The application does not keep up with its messages. To SCTP this looks like loss: the
        // peer slows down and repeats.
        if is_dtls(&received.contents) && self.shared.events.is_full() {
            return;
        }
        self.health.handle_packet(now());
        let Received {
            protocol,
            source,
            destination,
            contents,
        } = received;
        if let Ok(receive) = Receive::new(*protocol, *source, *destination, contents) {
            self.input(Input::Receive(now(), receive));
        }
    }

    fn add_local_candidate(&mut self, candidate: Candidate) {
        let text = candidate.to_sdp_string();
        let text = text.strip_prefix("a=").unwrap_or(&text).to_owned();
        let mid = self.negotiation.first_mid();
        self.rtc.add_local_candidate(candidate.clone());
        self.local_candidates.retain(|known| *known != candidate);
        self.local_candidates.push(candidate);
        let candidate = IceCandidate {
            mid,
            line_index: 0,
            text,
        };
        self.shared.events.push(Event::Candidate(candidate));
    }

    fn remove_local_candidates(&mut self, address: std::net::SocketAddr) {
        let is_gone = |c: &Candidate| c.addr() == address || c.local() == address;
        let (gone, left) = self.local_candidates.drain(..).partition(is_gone);
        self.local_candidates = left;
        let gone: Vec<Candidate> = gone;
        for candidate in gone {
            self.rtc.direct_api().invalidate_candidate(&candidate);
        }
    }

    fn handle_event(&mut self, event: RtcEvent) {
        match event {
            RtcEvent::RtpPacket(packet) => {
                self.media.handle_packet(&mut self.rtc, packet, now());
            }
            RtcEvent::Connected => self.health.handle_connected(),
            RtcEvent::IceConnectionStateChange(state) => {
                self.health.handle_ice(from_str0m(state), now());
            }
            RtcEvent::Closed => self.health.handle_goodbye(now()),
            RtcEvent::ChannelOpen(id, label) => {
                let opened = self.association.handle_open(&mut self.rtc, id, label);
                self.shared.snapshot.lock().channels.extend(opened);
            }
            RtcEvent::ChannelData(data) => self.association.handle_data(data),
            RtcEvent::ChannelClose(id) => {
                self.association.handle_close(id);
                self.shared
                    .snapshot
                    .lock()
                    .channels
                    .retain(|channel| !channel.is_closed());
            }
            RtcEvent::MediaEgressStats(stats) => self.media.handle_report(&stats),
            RtcEvent::PeerStats(stats) => {
                self.path = PathStats {
                    bytes_sent: stats.peer_bytes_tx,
                    bytes_received: stats.peer_bytes_rx,
                    round_trip: stats
                        .selected_candidate_pair
                        .and_then(|pair| pair.current_round_trip_time),
                    ..PathStats::default()
                };
            }
            _ => {}
        }
    }

    fn stats(&self) -> ConnectionStats {
        let mut stats = ConnectionStats {
            path: self.path.clone(),
            ..Default::default()
        };
        stats.path.packets_dropped = self.network.packets_dropped();
        self.media.fill(&mut stats);
        stats
    }

    fn publish_negotiation(&self) {
        let mut snapshot = self.shared.snapshot.lock();
        if self.shared.closing.is_cancelled() {
            return;
        }
        snapshot.signaling = self.negotiation.signaling();
        snapshot.local = self.negotiation.local().cloned();
        snapshot.remote = self.negotiation.remote().cloned();
    }

    fn publish_health(&mut self) {
        while let Some(change) = self.health.poll_change() {
            let mut snapshot = self.shared.snapshot.lock();
            let is_closed = self.shared.closing.is_cancelled();
            match change {
                Change::Connection(state) => {
                    if !is_closed {
                        snapshot.connection = state;
                    }
                    self.shared.events.push(Event::ConnectionState(state));
                }
                Change::Ice(state) => {
                    if !is_closed {
                        snapshot.ice = state;
                    }
                    self.shared.events.push(Event::IceState(state));
                }
            }
        }
    }

    /// Says goodbye to the peer and ends everything that hangs on the connection.
    fn close(mut self) {
        self.negotiation.close();
        if let Err(error) = self.rtc.close() {
            tracing::debug!(%error, "the transport could not say goodbye");
        }
        self.drain();
        self.health.handle_closed();
        self.publish_health();
        self.association
            .close_all(&mut self.shared.snapshot.lock().channels);
        let shared = self.shared.clone();
        // The sockets are gone before anybody who waits is told so.
        drop(self);
        shared.events.close();
        shared.closed.set();
    }
}

/// Time as the pure parts get it, from tokio's clock.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The candidates that a description brings along. str0m reads them itself; the sockets want them too.
fn candidates(sdp: &str) -> Vec<Candidate> {
    sdp.lines()
        .filter_map(|line| line.strip_prefix("a="))
        .filter(|line| line.starts_with("candidate:"))
        .filter_map(|line| Candidate::from_sdp_string(line).ok())
        .collect()
}

/// RFC 7983: DTLS records begin with 20 to 63.
fn is_dtls(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| (20..64).contains(first))
}

fn from_str0m(state: IceConnectionState) -> IceState {
    match state {
        IceConnectionState::New => IceState::New,
        IceConnectionState::Checking => IceState::Checking,
        IceConnectionState::Connected => IceState::Connected,
        IceConnectionState::Completed => IceState::Completed,
        IceConnectionState::Disconnected => IceState::Disconnected,
    }
}
