//! Connections.

mod demand;
mod events;
mod states;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use room_engine::{Connection, MediaKind, OfferPurpose, Transceiver};

use crate::data_channel::{DataChannel, DataChannelInit};
use crate::ice_candidate::IceCandidate;
use crate::media_stream_track::MediaStreamTrack;
use crate::peer_connection_factory::RtcConfiguration;
use crate::rtp_receiver::RtpReceiver;
use crate::rtp_sender::RtpSender;
use crate::rtp_transceiver::{RtpTransceiver, RtpTransceiverInit};
use crate::session_description::SessionDescription;
use crate::stats::{self, RtcStats};
use crate::{MediaType, RtcError, RtcErrorType};

use demand::Demand;
pub use events::{
    IceCandidateError, OnConnectionChange, OnDataChannel, OnIceCandidate, OnIceCandidateError,
    OnTrack, TrackEvent,
};
pub use states::{IceConnectionState, IceGatheringState, PeerConnectionState, SignalingState};

/// What an offer is made for.
#[derive(Debug, Clone, Default)]
pub struct OfferOptions {
    /// Look for a new path.
    pub ice_restart: bool,
    /// Not used: sections are added as transceivers.
    pub offer_to_receive_audio: bool,
    /// Not used: sections are added as transceivers.
    pub offer_to_receive_video: bool,
}

/// What an answer is made for.
#[derive(Debug, Clone, Default)]
pub struct AnswerOptions {}

/// A connection. Clones are the same connection; it closes with the last one.
#[derive(Clone)]
pub struct PeerConnection {
    connection: Connection,
    demand: Arc<Mutex<Demand<Transceiver>>>,
}

impl PeerConnection {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            demand: Arc::new(Mutex::new(Demand::new())),
        }
    }

    /// Replaces servers and policy.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    pub fn set_configuration(&self, config: RtcConfiguration) -> Result<(), RtcError> {
        let config = config.into_engine();
        self.connection
            .set_servers(config.ice_servers, config.policy);
        Ok(())
    }

    /// Makes an offer.
    ///
    /// # Errors
    ///
    /// When the state does not allow it.
    pub async fn create_offer(
        &self,
        options: OfferOptions,
    ) -> Result<SessionDescription, RtcError> {
        let purpose = if options.ice_restart {
            OfferPurpose::IceRestart
        } else {
            OfferPurpose::Renegotiate
        };
        Ok(self.connection.create_offer(purpose).await?.into())
    }

    /// Returns the answer to the offer that was set.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn create_answer(&self, _: AnswerOptions) -> Result<SessionDescription, RtcError> {
        Ok(self.connection.create_answer().await?.into())
    }

    /// Sets the own offer or answer.
    ///
    /// # Errors
    ///
    /// When it does not fit the state.
    pub async fn set_local_description(&self, desc: SessionDescription) -> Result<(), RtcError> {
        Ok(self
            .connection
            .set_local_description(desc.into_engine())
            .await?)
    }

    /// Sets the peer's offer or answer.
    ///
    /// # Errors
    ///
    /// When it does not fit the state or cannot be used.
    pub async fn set_remote_description(&self, desc: SessionDescription) -> Result<(), RtcError> {
        self.connection
            .set_remote_description(desc.into_engine())
            .await?;
        self.demand
            .lock()
            .handle_exchange(Instant::now(), |section| {
                let is_part = section.current_direction().is_some();
                is_part.then(|| !section.remote_streams().is_empty())
            });
        Ok(())
    }

    /// Adds a candidate of the peer; one that cannot be used is left out.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub async fn add_ice_candidate(&self, candidate: IceCandidate) -> Result<(), RtcError> {
        Ok(self
            .connection
            .add_candidate(candidate.into_engine())
            .await?)
    }

    /// Creates a data channel.
    ///
    /// # Errors
    ///
    /// When the connection is closed or the stream is taken.
    pub fn create_data_channel(
        &self,
        label: &str,
        init: DataChannelInit,
    ) -> Result<DataChannel, RtcError> {
        Ok(DataChannel(
            self.connection.create_data_channel(label, init.into())?,
        ))
    }

    /// Adds a section for a track.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn add_transceiver(
        &self,
        track: MediaStreamTrack,
        init: RtpTransceiverInit,
    ) -> Result<RtpTransceiver, RtcError> {
        let local = track.engine_local().cloned();
        Ok(RtpTransceiver(self.connection.add_transceiver(
            track.kind(),
            local,
            init.into(),
        )?))
    }

    /// Adds a section that has no track yet.
    ///
    /// # Errors
    ///
    /// When the connection is closed, the kind is neither audio nor video, or the peer asks without end for sections
    /// that it leaves empty.
    pub fn add_transceiver_for_media(
        &self,
        media_type: MediaType,
        init: RtpTransceiverInit,
    ) -> Result<RtpTransceiver, RtcError> {
        let kind = match media_type {
            MediaType::Audio => MediaKind::Audio,
            MediaType::Video => MediaKind::Video,
            MediaType::Data | MediaType::Unsupported => {
                return Err(refusal("a transceiver carries audio or video"));
            }
        };
        let mut demand = self.demand.lock();
        if demand.is_futile(Instant::now()) {
            return Err(refusal("the sections that were asked for last are empty"));
        }
        let section = self.connection.add_transceiver(kind, None, init.into())?;
        demand.handle_section(section.clone());
        Ok(RtpTransceiver(section))
    }

    /// Stops sending on a section.
    ///
    /// # Errors
    ///
    /// Never; the signature is that of the original crate.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature of the original crate"
    )]
    pub fn remove_track(&self, sender: RtpSender) -> Result<(), RtcError> {
        sender.0.remove_local_track();
        Ok(())
    }

    /// Returns what was measured.
    ///
    /// # Errors
    ///
    /// When the connection is closed.
    pub async fn get_stats(&self) -> Result<Vec<RtcStats>, RtcError> {
        Ok(stats::all(&self.connection.stats().await?))
    }

    /// Closes the connection.
    pub fn close(&self) {
        self.connection.close();
    }

    /// Returns the state of ICE and DTLS together.
    #[must_use]
    pub fn connection_state(&self) -> PeerConnectionState {
        self.connection.connection_state().into()
    }

    /// Returns the state of ICE.
    #[must_use]
    pub fn ice_connection_state(&self) -> IceConnectionState {
        self.connection.ice_state().into()
    }

    /// Returns where the exchange stands.
    #[must_use]
    pub fn signaling_state(&self) -> SignalingState {
        self.connection.signaling_state().into()
    }

    /// Returns the own description of the last completed exchange.
    #[must_use]
    pub fn current_local_description(&self) -> Option<SessionDescription> {
        self.connection.current_local_description().map(Into::into)
    }

    /// Returns the peer's description of the last completed exchange.
    #[must_use]
    pub fn current_remote_description(&self) -> Option<SessionDescription> {
        self.connection.current_remote_description().map(Into::into)
    }

    /// Returns the sending halves of all sections.
    #[must_use]
    pub fn senders(&self) -> Vec<RtpSender> {
        self.connection
            .transceivers()
            .into_iter()
            .map(RtpSender)
            .collect()
    }

    /// Returns the receiving halves of all sections.
    #[must_use]
    pub fn receivers(&self) -> Vec<RtpReceiver> {
        self.connection
            .transceivers()
            .into_iter()
            .map(RtpReceiver)
            .collect()
    }

    /// Returns all sections.
    #[must_use]
    pub fn transceivers(&self) -> Vec<RtpTransceiver> {
        self.connection
            .transceivers()
            .into_iter()
            .map(RtpTransceiver)
            .collect()
    }
}

impl fmt::Debug for PeerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerConnection")
            .field("state", &self.connection_state())
            .field("ice_state", &self.ice_connection_state())
            .finish()
    }
}

fn refusal(message: &str) -> RtcError {
    RtcError {
        error_type: RtcErrorType::InvalidState,
        message: message.to_owned(),
    }
}
