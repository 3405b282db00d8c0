//! The loop that owns a connection: str0m, the sockets, the codecs and the channels.

mod network;
mod requests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::{Candidate, Event as RtcEvent, IceConnectionState, Input, Output, Rtc};
use tokio::sync::mpsc;

use super::association::Association;
use super::health::{Change, Health};
use super::media::Media;
use super::shared::Shared;
use super::transport;
use crate::config::ConnectionConfig;
use crate::error::EngineError;
use crate::events::Event;
use crate::link::{Link, Request};
use crate::negotiation::Negotiation;
use crate::net::{Network, NetworkConfig};
use crate::state::IceState;
use crate::stats::PathStats;

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
    link: Link,
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
            media: Media::new(link.filled.clone()),
            association: Association::new(shared.events.clone(), link.clone()),
            health: Health::new(),
            path: PathStats::default(),
            local_candidates: Vec::new(),
            restarts_ice: false,
            rtc_deadline: now,
            link,
            inbox,
            shared,
        })
    }

    /// Runs until the connection is closed. Boxed: a future keeps what it was called with beside what
    /// it works on.
    pub(super) async fn run(mut self: Box<Self>) {
        let closing = self.shared.closing.clone();
        let Link {
            changed, filled, ..
        } = self.link.clone();
        let timer = tokio::time::sleep_until(self.deadline().into());
        tokio::pin!(timer);
        loop {
            // Deadlines mostly move away with every packet. Waking once for an old one costs less
            // than moving the timer each time.
            let deadline = self.deadline().into();
            if deadline < timer.deadline() || timer.is_elapsed() {
                timer.as_mut().reset(deadline);
            }
            tokio::select! {
                biased; // leaving first, then requests, then news, then time
                () = closing.cancelled() => break,
                Some(request) = self.inbox.recv() => self.handle_request(request),
                () = changed.notified() => self.reconcile(),
                event = self.network.next() => self.handle_network(event),
                () = filled.notified() => {}
                () = &mut timer => {}
            }
            self.advance();
        }
        self.close();
    }

    /// Does what is due, then lets str0m work until it is idle.
    fn advance(&mut self) {
        let now = now();
        self.health.handle_timeout(now);
        let may_send = self.health.was_connected();
        let has_written = self.media.handle_timeout(&mut self.rtc, now, may_send);
        // str0m lets packets out at the next timeout.
        if has_written || self.rtc_deadline <= now {
            self.input(Input::Timeout(now));
        }
        self.drain();
        self.close_channels();
        self.publish_health();
    }

    /// Closes the channels that the peer has closed. Those that end with a goodbye stay open until
    /// it counts as a failure: the news of why it left may be on its way, and callers wait long
    /// for a channel that closes before that.
    fn close_channels(&mut self) {
        if self.health.has_failed_for_good() {
            let channels = &mut self.shared.snapshot.lock().channels;
            self.association.close_all(channels);
        } else if !self.health.has_gone() && self.association.finish_closes() {
            let channels = &mut self.shared.snapshot.lock().channels;
            channels.retain(|channel| !channel.is_closed());
        }
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
                    self.rtc.disconnect();
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
        self.media
            .reconcile(&mut self.rtc, self.negotiation.agreed());
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
            RtcEvent::ChannelClose(id) => self.association.note_close(id),
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

    fn publish_health(&mut self) {
        while let Some(change) = self.health.poll_change() {
            let event = match change {
                Change::Connection(state) => {
                    self.shared.publish(|snapshot| snapshot.connection = state);
                    Event::ConnectionState(state)
                }
                Change::Ice(state) => {
                    self.shared.publish(|snapshot| snapshot.ice = state);
                    Event::IceState(state)
                }
            };
            self.shared.events.push(event);
        }
    }

    /// Says goodbye to the peer and ends everything that hangs on the connection.
    fn close(mut self: Box<Self>) {
        // What was sent before the goodbye leaves before it.
        self.drain();
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

fn from_str0m(state: IceConnectionState) -> IceState {
    match state {
        IceConnectionState::New => IceState::New,
        IceConnectionState::Checking => IceState::Checking,
        IceConnectionState::Connected => IceState::Connected,
        IceConnectionState::Completed => IceState::Completed,
        IceConnectionState::Disconnected => IceState::Disconnected,
    }
}
