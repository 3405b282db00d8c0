//! What a connection calls back with.

use room_engine::{CandidateError, ConnectionState, Transceiver};

use super::{PeerConnection, PeerConnectionState};
use crate::data_channel::DataChannel;
use crate::ice_candidate::IceCandidate;
use crate::media_stream::MediaStream;
use crate::media_stream_track::MediaStreamTrack;
use crate::rtp_receiver::RtpReceiver;
use crate::rtp_transceiver::RtpTransceiver;

/// A STUN or TURN server that gave no candidate.
#[derive(Debug, Clone)]
pub struct IceCandidateError {
    /// Not known, empty.
    pub address: String,
    /// Not known, 0.
    pub port: i32,
    /// URL of the server.
    pub url: String,
    /// STUN error code, or 701.
    pub error_code: i32,
    /// What went wrong.
    pub error_text: String,
}

impl From<CandidateError> for IceCandidateError {
    fn from(error: CandidateError) -> Self {
        Self {
            address: String::new(),
            port: 0,
            url: error.url,
            error_code: i32::from(error.code),
            error_text: error.text,
        }
    }
}

/// The peer announced streams on a section.
#[derive(Debug, Clone)]
pub struct TrackEvent {
    /// The receiving half.
    pub receiver: RtpReceiver,
    /// The streams.
    pub streams: Vec<MediaStream>,
    /// What is received.
    pub track: MediaStreamTrack,
    /// The section.
    pub transceiver: RtpTransceiver,
}

impl From<Transceiver> for TrackEvent {
    fn from(transceiver: Transceiver) -> Self {
        let track = MediaStreamTrack::received(transceiver.remote_track());
        let receiver = RtpReceiver(transceiver.clone());
        let streams = receiver.streams();
        Self {
            receiver,
            streams,
            track,
            transceiver: RtpTransceiver(transceiver),
        }
    }
}

/// Called when the connection state changes.
pub type OnConnectionChange = Box<dyn FnMut(PeerConnectionState) + Send + Sync>;
/// Called for each channel the peer opens.
pub type OnDataChannel = Box<dyn FnMut(DataChannel) + Send + Sync>;
/// Called for each own candidate.
pub type OnIceCandidate = Box<dyn FnMut(IceCandidate) + Send + Sync>;
/// Called when a server gave no candidate.
pub type OnIceCandidateError = Box<dyn FnMut(IceCandidateError) + Send + Sync>;
/// Called when the peer announces streams.
pub type OnTrack = Box<dyn FnMut(TrackEvent) + Send + Sync>;

impl PeerConnection {
    /// Sets what is called when the connection state changes.
    pub fn on_connection_state_change(&self, callback: Option<OnConnectionChange>) {
        self.connection.on_connection_state(
            callback.map(|mut call| Box::new(move |s: ConnectionState| call(s.into())) as _),
        );
    }

    /// Sets what is called for each channel the peer opens.
    pub fn on_data_channel(&self, callback: Option<OnDataChannel>) {
        self.connection.on_data_channel(
            callback.map(|mut call| Box::new(move |channel| call(DataChannel(channel))) as _),
        );
    }

    /// Sets what is called for each own candidate.
    pub fn on_ice_candidate(&self, callback: Option<OnIceCandidate>) {
        self.connection.on_candidate(
            callback
                .map(|mut call| Box::new(move |c: room_engine::IceCandidate| call(c.into())) as _),
        );
    }

    /// Sets what is called when a server gave no candidate.
    pub fn on_ice_candidate_error(&self, callback: Option<OnIceCandidateError>) {
        self.connection.on_candidate_error(
            callback.map(|mut call| Box::new(move |e: CandidateError| call(e.into())) as _),
        );
    }

    /// Sets what is called when the peer announces streams.
    pub fn on_track(&self, callback: Option<OnTrack>) {
        self.connection
            .on_track(callback.map(|mut call| Box::new(move |t: Transceiver| call(t.into())) as _));
    }
}
