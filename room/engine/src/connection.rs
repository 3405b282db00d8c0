//! The handle to a connection.

mod association;
mod driver;
mod health;
mod media;
mod shared;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::candidate::{CandidateError, IceCandidate};
use crate::channel::{DataChannel, DataChannelConfig};
use crate::config::{ConnectionConfig, OfferPurpose};
use crate::description::Description;
use crate::error::EngineError;
use crate::events::dispatch;
use crate::handler::Handler;
use crate::link::{Link, Request};
use crate::net::{IceServer, TransportPolicy};
use crate::runtime;
use crate::state::{ConnectionState, IceState, SignalingState};
use crate::stats::ConnectionStats;
use crate::track::{LocalTrack, MediaKind};
use crate::transceiver::{Transceiver, TransceiverInit};
use driver::Driver;
use shared::Shared;

/// How long [`Connection::close`] may block its caller.
const CLOSE_DEADLINE: Duration = Duration::from_millis(100);

/// A handle to one WebRTC connection. Clones are the same connection; it closes with the last one.
///
/// Methods may be called from any thread and any runtime. What is `async` is done by the loop that
/// owns the connection, on threads of the engine; everything else answers at once.
#[derive(Clone)]
pub struct Connection(Arc<Handle>);

struct Handle {
    shared: Arc<Shared>,
    link: Link,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Connection {
    /// Opens a connection: binds its sockets and starts its loop.
    ///
    /// # Errors
    ///
    /// When no socket or no thread can be had.
    pub fn open(config: ConnectionConfig) -> Result<Self, EngineError> {
        let shared = Arc::new(Shared::new());
        let (link, inbox) = Link::new();
        let driver = {
            let _runtime = runtime::media_handle()?.enter();
            Box::new(Driver::new(config, shared.clone(), link.clone(), inbox)?)
        };
        runtime::spawn_events(dispatch(shared.events.clone(), shared.handlers.clone()))?;
        runtime::spawn_media(driver.run())?;
        Ok(Self(Arc::new(Handle { shared, link })))
    }

    /// Replaces the STUN and TURN servers and the policy.
    pub fn set_servers(&self, servers: Vec<IceServer>, policy: TransportPolicy) {
        self.0.shared.snapshot.lock().new_servers = Some((servers, policy));
        self.0.link.changed.notify_one();
    }

    /// Makes an offer of the transceivers and channels as they are. Nothing changes before it is
    /// set as the local description, except that an offer that is still open becomes void.
    ///
    /// # Errors
    ///
    /// When an offer of the peer waits for its answer, or there is nothing to offer.
    pub async fn create_offer(&self, purpose: OfferPurpose) -> Result<Description, EngineError> {
        self.0
            .link
            .ask(|reply| Request::CreateOffer(purpose, reply))
            .await
    }

    /// Returns the answer to the offer that was set as the remote description.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn create_answer(&self) -> Result<Description, EngineError> {
        self.0.link.ask(Request::CreateAnswer).await
    }

    /// Sets the offer or answer created last; its text may have been edited as long as the sections
    /// stayed. The first one starts the search for candidates.
    ///
    /// # Errors
    ///
    /// When it does not fit the state or is not the one created last.
    pub async fn set_local_description(&self, text: Description) -> Result<(), EngineError> {
        self.0
            .link
            .ask(|reply| Request::SetLocal(text, reply))
            .await
    }

    /// Sets the peer's offer or answer. An answer that was set before takes an open offer back.
    ///
    /// # Errors
    ///
    /// When it does not fit the state or cannot be used.
    pub async fn set_remote_description(&self, text: Description) -> Result<(), EngineError> {
        self.0
            .link
            .ask(|reply| Request::SetRemote(text, reply))
            .await
    }

    /// Adds a candidate of the peer. One that cannot be used (mDNS names, unknown transports) is
    /// left out, which is no error.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub async fn add_candidate(&self, candidate: IceCandidate) -> Result<(), EngineError> {
        self.0
            .link
            .ask(|reply| Request::AddCandidate(candidate, reply))
            .await
    }

    /// Returns what was measured so far.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub async fn stats(&self) -> Result<ConnectionStats, EngineError> {
        self.0.link.ask(Request::Stats).await
    }

    /// Adds a section for media. It is negotiated with the next offer.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub fn add_transceiver(
        &self,
        kind: MediaKind,
        track: Option<LocalTrack>,
        init: TransceiverInit,
    ) -> Result<Transceiver, EngineError> {
        let mut snapshot = self.0.shared.snapshot.lock();
        if snapshot.signaling == SignalingState::Closed {
            return Err(EngineError::Closed);
        }
        let transceiver = Transceiver::new(kind, track, init, self.0.link.clone());
        snapshot.transceivers.push(transceiver.clone());
        Ok(transceiver)
    }

    /// Creates a data channel. It opens once an exchange agreed on a data section.
    ///
    /// # Errors
    ///
    /// When the connection is closed or another channel has the negotiated stream.
    pub fn create_data_channel(
        &self,
        label: &str,
        config: DataChannelConfig,
    ) -> Result<DataChannel, EngineError> {
        let mut snapshot = self.0.shared.snapshot.lock();
        if snapshot.signaling == SignalingState::Closed {
            return Err(EngineError::Closed);
        }
        let is_taken = config.negotiated.is_some()
            && snapshot
                .channels
                .iter()
                .any(|c| c.is_alive() && c.stream() == config.negotiated);
        if is_taken || config.negotiated == Some(u16::MAX) {
            return Err(EngineError::state("the negotiated stream cannot be used"));
        }
        let channel = DataChannel::new(label.to_owned(), config, self.0.link.clone());
        snapshot.channels.push(channel.clone());
        drop(snapshot);
        self.0.link.changed.notify_one();
        Ok(channel)
    }

    /// Closes the connection: tells the peer, ends its tracks and channels, and returns once the
    /// sockets are released. That takes well under a millisecond; a machine that is so busy that
    /// it takes longer than 100 ms is not waited for.
    ///
    /// Dropping the last handle closes without waiting.
    pub fn close(&self) {
        self.0.shared.close();
        if !self.0.shared.closed.wait(CLOSE_DEADLINE) {
            tracing::warn!("a connection is still being closed");
        }
    }

    /// Returns the state of ICE and DTLS together.
    #[must_use]
    pub fn connection_state(&self) -> ConnectionState {
        self.0.shared.snapshot.lock().connection
    }

    /// Returns the state of ICE.
    #[must_use]
    pub fn ice_state(&self) -> IceState {
        self.0.shared.snapshot.lock().ice
    }

    /// Returns where the offer/answer exchange stands.
    #[must_use]
    pub fn signaling_state(&self) -> SignalingState {
        self.0.shared.snapshot.lock().signaling
    }

    /// Returns our description of the last completed exchange.
    #[must_use]
    pub fn current_local_description(&self) -> Option<Description> {
        self.0.shared.snapshot.lock().local.clone()
    }

    /// Returns the peer's description of the last completed exchange.
    #[must_use]
    pub fn current_remote_description(&self) -> Option<Description> {
        self.0.shared.snapshot.lock().remote.clone()
    }

    /// Returns all media sections, in the order they were added by either side.
    #[must_use]
    pub fn transceivers(&self) -> Vec<Transceiver> {
        self.0.shared.snapshot.lock().transceivers.clone()
    }

    /// Sets what is called when the connection state changes.
    pub fn on_connection_state(&self, handler: Option<Handler<ConnectionState>>) {
        self.0.shared.handlers.connection_state.set(handler);
    }

    /// Sets what is called when the ICE state changes.
    pub fn on_ice_state(&self, handler: Option<Handler<IceState>>) {
        self.0.shared.handlers.ice_state.set(handler);
    }

    /// Sets what is called for each candidate to tell the peer about.
    pub fn on_candidate(&self, handler: Option<Handler<IceCandidate>>) {
        self.0.shared.handlers.candidate.set(handler);
    }

    /// Sets what is called when a STUN or TURN server gave no candidate.
    pub fn on_candidate_error(&self, handler: Option<Handler<CandidateError>>) {
        self.0.shared.handlers.candidate_error.set(handler);
    }

    /// Sets what is called when every server has answered or failed.
    pub fn on_gathering_done(&self, handler: Option<Handler<()>>) {
        self.0.shared.handlers.gathering_done.set(handler);
    }

    /// Sets what is called when the peer announces streams on a section.
    pub fn on_track(&self, handler: Option<Handler<Transceiver>>) {
        self.0.shared.handlers.track.set(handler);
    }

    /// Sets what is called for each channel that the peer opens.
    pub fn on_data_channel(&self, handler: Option<Handler<DataChannel>>) {
        self.0.shared.handlers.channel.set(handler);
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("state", &self.connection_state())
            .finish()
    }
}
