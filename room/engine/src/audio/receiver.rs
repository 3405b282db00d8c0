//! Brings the packets of one remote track into order and decodes them, as they arrive.

mod jitter;
mod outlet;
mod run;
mod sequencer;
mod step;
mod timeline;
mod window;

use std::sync::Arc;
use std::time::Instant;

use super::packet::{Payload, ReceivedPacket};
use super::red::{self, Block};
use super::remote::RemoteAudio;
use super::stats::AudioReceiverStats;
use jitter::Jitter;
use outlet::Outlets;
use sequencer::Sequencer;

/// Order, gaps, RED, concealment and decoding of one track. Ends the track when dropped.
///
/// Frames come out as soon as they are in order. Nothing waits while nothing is missing; a hole is
/// waited for at most [`PATIENCE`](sequencer::PATIENCE), then filled. The sender's silence is not
/// filled: frames carry their place in its timeline.
#[derive(Debug)]
pub(crate) struct AudioReceiver {
    track: Arc<RemoteAudio>,
    sequencer: Sequencer,
    outlets: Outlets,
    jitter: Jitter,
    /// Frames of the packet at hand.
    blocks: Vec<Block>,
    malformed: u64,
}

impl AudioReceiver {
    /// Returns a receiver that feeds the streams of `track`.
    pub(crate) fn new(track: Arc<RemoteAudio>) -> Self {
        Self {
            track,
            sequencer: Sequencer::default(),
            outlets: Outlets::default(),
            jitter: Jitter::default(),
            blocks: Vec::new(),
            malformed: 0,
        }
    }

    /// Takes a packet that arrived at `now`.
    pub(crate) fn handle_packet(&mut self, now: Instant, packet: ReceivedPacket) {
        let payload = Payload::from(packet.payload);
        let unpacked = if packet.red {
            red::unpack(&payload, &mut self.blocks)
        } else {
            self.blocks.clear();
            self.blocks.push(Block { age: 0, payload });
            Ok(())
        };
        let taken = unpacked.is_ok()
            && self
                .sequencer
                .handle_packet(now, packet.sequence, packet.timestamp, &self.blocks);
        if taken {
            self.jitter.handle_arrival(now, packet.timestamp);
        } else {
            self.malformed += 1;
        }
        self.play();
    }

    /// When `handle_timeout` wants to be called; `None` unless a missing packet is waited for.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.sequencer.deadline()
    }

    /// Gives up waiting for what is overdue at `now`.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.sequencer.handle_timeout(now);
        self.play();
    }

    /// Begins anew with the next packet: the sender changed its SSRC.
    pub(crate) fn reset(&mut self) {
        self.sequencer.restart();
        self.play();
        self.outlets.forget();
        self.jitter.forget();
    }

    /// What was heard so far.
    pub(crate) fn stats(&self) -> AudioReceiverStats {
        AudioReceiverStats {
            malformed: self.malformed,
            jitter: self.jitter.seconds(),
            ..self.sequencer.stats()
        }
    }

    fn play(&mut self) {
        while let Some(step) = self.sequencer.poll_step() {
            self.outlets.play(&self.track, &step);
        }
    }
}

impl Drop for AudioReceiver {
    fn drop(&mut self) {
        self.track.end();
    }
}

#[cfg(test)]
mod tests;
