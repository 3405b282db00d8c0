//! Brings the packets of one remote track into order and decodes them, as they arrive.

use std::sync::Arc;
use std::time::Instant;

use super::packet::ReceivedPacket;
use super::remote::RemoteAudio;
use super::stats::AudioReceiverStats;

/// Order, gaps, RED, concealment and decoding of one track. Ends the track when dropped.
#[derive(Debug)]
pub(crate) struct AudioReceiver {
    track: Arc<RemoteAudio>,
}

impl AudioReceiver {
    /// Returns a receiver that feeds the streams of `track`.
    pub(crate) fn new(track: Arc<RemoteAudio>) -> Self {
        Self { track }
    }

    /// Takes a packet that arrived at `now`.
    pub(crate) fn handle_packet(&mut self, now: Instant, packet: ReceivedPacket) {
        let _ = (now, packet);
    }

    /// When `handle_timeout` wants to be called; `None` unless a missing packet is waited for.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Gives up waiting for what is overdue at `now`.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
    }

    /// Begins anew with the next packet: the sender changed its SSRC.
    pub(crate) fn reset(&mut self) {}

    /// What was heard so far.
    pub(crate) fn stats(&self) -> AudioReceiverStats {
        AudioReceiverStats::default()
    }
}

impl Drop for AudioReceiver {
    fn drop(&mut self) {
        self.track.end();
    }
}
