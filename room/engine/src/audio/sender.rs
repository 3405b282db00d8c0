//! Paces, encodes and packs the audio of one source.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tokio::sync::Notify;

use super::codec::CodecOptions;
use super::packet::EncodedPacket;
use super::source::AudioSource;
use super::stats::AudioSenderStats;

/// How a sender works.
#[derive(Debug, Clone)]
pub(crate) struct SenderOptions {
    /// Opus settings.
    pub(crate) codec: CodecOptions,
    /// RED, once negotiated.
    pub(crate) redundancy: Option<Redundancy>,
    /// The track's switch: while false, audio is taken from the source in time and thrown away.
    pub(crate) enabled: Arc<AtomicBool>,
    /// Notified when samples come after silence: call `handle_timeout` then. One for all senders
    /// of a loop.
    pub(crate) wake: Arc<Notify>,
    /// RTP timestamp of the first sample; random, says RFC 3550.
    pub(crate) first_timestamp: u32,
}

/// How RED (RFC 2198) is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Redundancy {
    /// Negotiated payload type of Opus, which each block names.
    pub(crate) payload_type: u8,
    /// How many earlier frames travel with each frame.
    pub(crate) distance: u8,
}

/// Turns a source into packets: a frame each 20 ms while there is audio, nothing in silence.
#[derive(Debug)]
pub(crate) struct AudioSender {
    source: AudioSource,
    options: SenderOptions,
}

impl AudioSender {
    /// Returns a sender that takes over `source`; an earlier sender of that source falls silent.
    pub(crate) fn new(source: AudioSource, options: SenderOptions) -> Self {
        Self { source, options }
    }

    /// Replaces the Opus settings, from the next frame on.
    pub(crate) fn set_codec(&mut self, codec: CodecOptions) {
        self.options.codec = codec;
    }

    /// Turns RED on or off, from the next packet on.
    pub(crate) fn set_redundancy(&mut self, redundancy: Option<Redundancy>) {
        self.options.redundancy = redundancy;
    }

    /// When `handle_timeout` wants to be called; `None` in silence, until `wake` is notified.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let _ = &self.source;
        None
    }

    /// Does what is due at `now`.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let _ = now;
    }

    /// Takes the next packet to send.
    pub(crate) fn poll_packet(&mut self) -> Option<EncodedPacket> {
        None
    }

    /// What was done so far.
    pub(crate) fn stats(&self) -> AudioSenderStats {
        AudioSenderStats::default()
    }
}
