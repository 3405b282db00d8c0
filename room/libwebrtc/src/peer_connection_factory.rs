//! Where connections and tracks come from.

pub mod native;

use room_engine::{Connection, ConnectionConfig, TransportPolicy};

use crate::peer_connection::PeerConnection;
use crate::rtp_parameters::{RtpCapabilities, RtpCodecCapability};
use crate::{MediaType, RtcError};

/// A STUN or TURN server.
#[derive(Debug, Clone)]
pub struct IceServer {
    /// Its URLs.
    pub urls: Vec<String>,
    /// User name, for TURN.
    pub username: String,
    /// Password, for TURN.
    pub password: String,
}

/// How long candidates are looked for; the engine always goes on.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum ContinualGatheringPolicy {
    /// Once.
    GatherOnce,
    /// As long as the connection lives.
    GatherContinually,
}

/// Which paths may be used.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum IceTransportsType {
    /// Relayed ones.
    Relay,
    /// All but direct ones.
    NoHost,
    /// All.
    All,
}

/// Settings of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RtcConfiguration {
    /// STUN and TURN servers.
    pub ice_servers: Vec<IceServer>,
    /// How long candidates are looked for.
    pub continual_gathering_policy: ContinualGatheringPolicy,
    /// Which paths may be used.
    pub ice_transport_type: IceTransportsType,
    /// Offer the SCTP handshake inside the description.
    pub enable_sctp_snap: bool,
}

impl Default for RtcConfiguration {
    fn default() -> Self {
        Self {
            ice_servers: Vec::new(),
            continual_gathering_policy: ContinualGatheringPolicy::GatherContinually,
            ice_transport_type: IceTransportsType::All,
            enable_sctp_snap: false,
        }
    }
}

impl RtcConfiguration {
    pub(crate) fn into_engine(self) -> ConnectionConfig {
        let policy = match self.ice_transport_type {
            IceTransportsType::Relay => TransportPolicy::Relay,
            IceTransportsType::NoHost => TransportPolicy::NoHost,
            IceTransportsType::All => TransportPolicy::All,
        };
        let server = |server: IceServer| room_engine::IceServer {
            urls: server.urls,
            username: server.username,
            password: server.password,
        };
        let ice_servers = self.ice_servers.into_iter().map(server).collect();
        ConnectionConfig {
            ice_servers,
            policy,
            sctp_in_sdp: self.enable_sctp_snap,
        }
    }
}

/// Makes connections and tracks.
#[derive(Clone, Default, Debug)]
pub struct PeerConnectionFactory(());

impl PeerConnectionFactory {
    /// Creates a factory. There is no playout to delay; SNAP is a setting of the connection.
    #[must_use]
    pub fn with_options(_zero_playout_delay: bool, _enable_warp: bool) -> Self {
        Self(())
    }

    /// Opens a connection.
    ///
    /// # Errors
    ///
    /// When no socket or thread can be had.
    pub fn create_peer_connection(
        &self,
        config: RtcConfiguration,
    ) -> Result<PeerConnection, RtcError> {
        Ok(PeerConnection::new(Connection::open(config.into_engine())?))
    }

    /// Returns what can be sent.
    #[must_use]
    pub fn get_rtp_sender_capabilities(&self, media_type: MediaType) -> RtpCapabilities {
        let opus = RtpCodecCapability {
            channels: Some(2),
            clock_rate: Some(48_000),
            mime_type: "audio/opus".to_owned(),
            sdp_fmtp_line: Some("minptime=10;useinbandfec=1".to_owned()),
        };
        let codecs = if media_type == MediaType::Audio {
            vec![opus]
        } else {
            Vec::new()
        };
        RtpCapabilities {
            codecs,
            ..RtpCapabilities::default()
        }
    }
}
