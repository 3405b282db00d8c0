//! Paces, encodes and packs the audio of one source.

mod clock;
mod framer;
mod packer;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tokio::sync::Notify;

use super::codec::{CodecOptions, OpusEncoder};
use super::level::{is_voice, level_dbov};
use super::packet::EncodedPacket;
use super::source::{AudioSource, SourceTaker};
use super::stats::AudioSenderStats;
use clock::{Action, FrameClock};
use framer::Framer;
use packer::Packer;
pub(crate) use packer::Redundancy;

/// Packets that wait for `poll_packet`. The loop takes them after each call; one that does not
/// loses the oldest.
const MAX_PACKETS: usize = 16;

/// An encoded frame of at most this many bytes says nothing but that silence goes on.
const EMPTY_FRAME: usize = 2;

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

/// Turns a source into packets: a frame each 20 ms while there is audio, nothing in silence.
///
/// Speech is followed by one frame of silence: it carries what the encoder still holds, and under
/// RED it repeats the last word.
#[derive(Debug)]
pub(crate) struct AudioSender {
    taker: SourceTaker,
    options: SenderOptions,
    clock: FrameClock,
    framer: Framer,
    /// `None` when libopus refuses: the track stays silent, and the statistics tell.
    encoder: Option<OpusEncoder>,
    packer: Packer,
    /// Whether the last packet carried sound.
    sounding: bool,
    /// Whether the next packet is the first after silence.
    marker: bool,
    packets: VecDeque<EncodedPacket>,
    stats: AudioSenderStats,
}

impl AudioSender {
    /// Returns a sender that takes over `source`; an earlier sender of that source falls silent.
    pub(crate) fn new(source: AudioSource, options: SenderOptions) -> Self {
        let framer = Framer::new(source.format());
        let taker = source.attach(options.wake.clone());
        Self {
            encoder: new_encoder(&framer, options.codec),
            packer: Packer::new(options.redundancy),
            taker,
            options,
            clock: FrameClock::default(),
            framer,
            sounding: false,
            marker: true,
            packets: VecDeque::new(),
            stats: AudioSenderStats::default(),
        }
    }

    /// Replaces the Opus settings, from the next frame on.
    pub(crate) fn set_codec(&mut self, codec: CodecOptions) {
        if codec != self.options.codec {
            self.options.codec = codec;
            self.encoder = new_encoder(&self.framer, codec);
        }
    }

    /// Turns RED on or off, from the next packet on.
    pub(crate) fn set_redundancy(&mut self, redundancy: Option<Redundancy>) {
        self.packer.set_redundancy(redundancy);
    }

    /// When `handle_timeout` wants to be called; `None` in silence, until `wake` is notified.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.clock.deadline()
    }

    /// Does what is due at `now`. Call it when the deadline has come and when `wake` was notified;
    /// an early call does no harm.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        loop {
            self.framer.fill(&mut self.taker);
            if let Some(at) = self.framer.whole_since() {
                self.clock.handle_whole(at);
            }
            match self.clock.tick(now, self.framer.fullness()) {
                Action::Send { position } => self.send(position),
                Action::Begin { position } => {
                    self.stats.talk_spurts += 1;
                    self.marker = true;
                    self.send(position);
                }
                Action::AwaitSamples if self.taker.go_hungry(self.wanted()) => return,
                Action::AwaitSamples => {}
                Action::AwaitDeadline => return,
            }
        }
    }

    /// Takes the next packet to send.
    pub(crate) fn poll_packet(&mut self) -> Option<EncodedPacket> {
        self.packets.pop_front()
    }

    /// What was done so far.
    pub(crate) fn stats(&self) -> AudioSenderStats {
        self.stats
    }

    /// How many samples make a difference: a frame of them, but the first of all start the clock.
    fn wanted(&self) -> usize {
        match self.clock.deadline() {
            Some(_) => self.framer.missing(),
            None => 1,
        }
    }

    fn send(&mut self, position: u64) {
        let enabled = self.options.enabled.load(Ordering::Relaxed);
        let frame = self.framer.take();
        if !enabled {
            frame.fill(0);
        }
        let silent = frame.iter().all(|&sample| sample == 0);
        let may_pause = !enabled || self.options.codec.dtx;
        if silent && may_pause && !self.sounding {
            return self.skip();
        }
        let level = level_dbov(frame);
        let encoded = self
            .encoder
            .as_mut()
            .and_then(|encoder| encoder.encode(frame).ok());
        let Some(encoded) = encoded.filter(|bytes| self.sounding || bytes.len() > EMPTY_FRAME)
        else {
            return self.skip();
        };
        self.sounding = !silent && encoded.len() > EMPTY_FRAME;
        let payload = self.packer.pack(position, encoded);
        let packet = EncodedPacket {
            timestamp: self.options.first_timestamp.wrapping_add(position as u32),
            marker: std::mem::take(&mut self.marker),
            red: self.packer.is_red(),
            level_dbov: level,
            voice: is_voice(level),
            payload,
        };
        self.stats.packets += 1;
        self.stats.payload_bytes += packet.payload.len() as u64;
        if self.packets.len() == MAX_PACKETS {
            self.packets.pop_front();
        }
        self.packets.push_back(packet);
    }

    fn skip(&mut self) {
        self.stats.frames_not_sent += 1;
        self.marker = true;
    }
}

fn new_encoder(framer: &Framer, codec: CodecOptions) -> Option<OpusEncoder> {
    OpusEncoder::new(framer.coded(), codec)
        .inspect_err(|error| tracing::error!(%error, "audio cannot be encoded, track is silent"))
        .ok()
}

#[cfg(test)]
mod tests;
