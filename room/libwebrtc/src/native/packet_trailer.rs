//! Times attached to pictures. There are no pictures, so nothing is attached or read.

use std::sync::Arc;

use crate::peer_connection_factory::PeerConnectionFactory;
use crate::rtp_receiver::RtpReceiver;
use crate::rtp_sender::RtpSender;

/// Where a picture is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishTimingStage {
    /// Into the encoder.
    EncoderUpload,
    /// Out of the encoder.
    EncoderOutput,
    /// Into packets.
    WebrtcPacketize,
}

/// Where a picture is on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscribeTimingStage {
    /// Out of packets.
    WebrtcReceive,
    /// Into the decoder.
    DecoderUpload,
    /// Out of the decoder.
    DecoderOutput,
}

/// A picture passed a stage on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishTimingEvent {
    /// The stage.
    pub stage: PublishTimingStage,
    /// When it passed.
    pub timestamp_us: u64,
    /// When it was taken.
    pub capture_timestamp_us: u64,
    /// Its number.
    pub frame_id: Option<u32>,
}

/// A picture passed a stage on its way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscribeTimingEvent {
    /// The stage.
    pub stage: SubscribeTimingStage,
    /// When it passed.
    pub timestamp_us: u64,
    /// When it was taken.
    pub capture_timestamp_us: u64,
    /// Its number.
    pub frame_id: Option<u32>,
}

/// Called for pictures on their way out.
pub type PublishTimingObserver = Arc<dyn Fn(PublishTimingEvent) + Send + Sync + 'static>;
/// Called for pictures on their way in.
pub type SubscribeTimingObserver = Arc<dyn Fn(SubscribeTimingEvent) + Send + Sync + 'static>;

/// Would attach and read times.
#[derive(Debug, Clone)]
pub struct PacketTrailerHandler(());

impl PacketTrailerHandler {
    /// Does nothing.
    pub fn set_enabled(&self, _enabled: bool) {}

    /// Does nothing.
    pub fn set_publish_timing_observer(&self, _observer: Option<PublishTimingObserver>) {}

    /// Does nothing.
    pub fn set_subscribe_timing_observer(&self, _observer: Option<SubscribeTimingObserver>) {}
}

/// Returns a handler for what is sent.
#[must_use]
pub fn create_sender_handler(_: &PeerConnectionFactory, _: &RtpSender) -> PacketTrailerHandler {
    PacketTrailerHandler(())
}

/// Returns a handler for what is received.
#[must_use]
pub fn create_receiver_handler(_: &PeerConnectionFactory, _: &RtpReceiver) -> PacketTrailerHandler {
    PacketTrailerHandler(())
}
