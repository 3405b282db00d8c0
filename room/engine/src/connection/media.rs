//! The audio of a connection's sections, on the side of the loop: senders towards str0m, packets
//! of str0m towards receivers.

mod codecs;
mod sending;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use str0m::Rtc;
use str0m::media::Mid;
use str0m::rtp::{RtpPacket, Ssrc};
use str0m::stats::MediaEgressStats;
use tokio::sync::Notify;

use crate::audio::{AudioReceiver, ReceivedPacket};
use crate::negotiation::AgreedSection;
use crate::stats::{ConnectionStats, InboundStats, OutboundStats, ReportedStats};
use crate::transceiver::Direction;
use codecs::AudioCodecs;
use sending::Sending;

/// One entry per section that both sides agreed on.
pub(crate) struct Media {
    lines: Vec<Line>,
    /// Which line a stream of the peer belongs to.
    routes: HashMap<Ssrc, usize>,
    codecs: AudioCodecs,
    /// Notified when a source has samples after silence.
    filled: Arc<Notify>,
}

struct Line {
    agreed: AgreedSection,
    // Most sections have neither.
    sending: Option<Box<Sending>>,
    receiving: Option<Box<Receiving>>,
    /// Continues when the track is replaced, because the stream stays the same.
    next_sequence: u64,
    reported: ReportedStats,
}

struct Receiving {
    ssrc: Option<Ssrc>,
    receiver: AudioReceiver,
}

impl Media {
    pub(crate) fn new(filled: Arc<Notify>) -> Self {
        Self {
            lines: Vec::new(),
            routes: HashMap::new(),
            codecs: AudioCodecs::default(),
            filled,
        }
    }

    /// Follows what was negotiated and which tracks the application wants to send.
    pub(crate) fn reconcile(&mut self, rtc: &mut Rtc, agreed: &[AgreedSection]) {
        self.codecs = AudioCodecs::negotiated(rtc);
        for section in agreed {
            match self
                .lines
                .iter_mut()
                .find(|line| line.agreed.mid == section.mid)
            {
                Some(line) => line.agreed = section.clone(),
                None => self.lines.push(Line::new(section.clone())),
            }
        }
        for line in &mut self.lines {
            let codecs = self.codecs.of(rtc, line.agreed.mid);
            Sending::reconcile(&mut line.sending, &line.agreed, codecs, &self.filled);
            if !line.may_send() {
                withdraw_stream(rtc, line.agreed.mid);
            }
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.lines.iter().filter_map(Line::deadline).min()
    }

    /// Encodes and decodes what is due. Packets are thrown away while `may_send` is false, so that
    /// an application that captures before the connection is there is paced as usual. Returns
    /// whether str0m got a packet.
    pub(crate) fn handle_timeout(&mut self, rtc: &mut Rtc, now: Instant, may_send: bool) -> bool {
        let mut has_written = false;
        for line in &mut self.lines {
            if let Some(receiving) = &mut line.receiving
                && receiving.receiver.deadline().is_some_and(|at| at <= now)
            {
                receiving.receiver.handle_timeout(now);
            }
            let Some(sending) = &mut line.sending else {
                continue;
            };
            sending.sender.handle_timeout(now);
            while let Some(packet) = sending.sender.poll_packet() {
                if may_send {
                    sending.write(rtc, line.agreed.mid, line.next_sequence, (packet, now));
                    line.next_sequence += 1;
                    has_written = true;
                }
            }
        }
        has_written
    }

    pub(crate) fn handle_packet(&mut self, rtc: &mut Rtc, packet: RtpPacket, now: Instant) {
        let ssrc = packet.header.ssrc;
        let Some(index) = self.route(rtc, &packet) else {
            return;
        };
        let Some(line) = self.lines.get_mut(index) else {
            return;
        };
        let Some(receiving) = line.receiving_mut() else {
            return;
        };

        if receiving
            .ssrc
            .replace(ssrc)
            .is_some_and(|before| before != ssrc)
        {
            receiving.receiver.reset();
        }
        let received = ReceivedPacket {
            sequence: *packet.seq_no,
            timestamp: packet.header.timestamp,
            red: self.codecs.is_red(packet.header.payload_type),
            payload: packet.payload,
        };
        receiving.receiver.handle_packet(now, received);
    }

    pub(crate) fn handle_report(&mut self, stats: &MediaEgressStats) {
        if let Some(line) = self
            .lines
            .iter_mut()
            .find(|line| line.agreed.mid == stats.mid)
        {
            line.reported = ReportedStats {
                loss: stats.loss,
                round_trip: stats.rtt,
            };
        }
    }

    pub(crate) fn fill(&self, stats: &mut ConnectionStats) {
        for line in &self.lines {
            let mid = line.agreed.mid.to_string();
            if let Some(sending) = &line.sending {
                let audio = sending.sender.stats();
                let reported = line.reported;
                stats.outbound.push(OutboundStats {
                    mid: mid.clone(),
                    audio,
                    reported,
                });
            }
            if let Some(receiving) = &line.receiving {
                stats.inbound.push(InboundStats {
                    mid,
                    audio: receiving.receiver.stats(),
                });
            }
        }
    }

    /// Finds the line of a packet: by the section it names, else by its stream, which an earlier
    /// packet or the description named.
    fn route(&mut self, rtc: &mut Rtc, packet: &RtpPacket) -> Option<usize> {
        let ssrc = packet.header.ssrc;
        if let Some(mid) = packet.header.ext_vals.mid {
            let index = self.line_of(mid)?;
            self.routes.insert(ssrc, index);
            return Some(index);
        }
        if let Some(index) = self.routes.get(&ssrc) {
            return Some(*index);
        }
        let mid = rtc.direct_api().stream_rx(&ssrc)?.mid();
        let index = self.line_of(mid)?;
        self.routes.insert(ssrc, index);
        Some(index)
    }

    fn line_of(&self, mid: Mid) -> Option<usize> {
        self.lines.iter().position(|line| line.agreed.mid == mid)
    }
}

impl Line {
    fn new(agreed: AgreedSection) -> Self {
        Self {
            agreed,
            sending: None,
            receiving: None,
            // Away from the wrap, which receivers that join late could mistake.
            next_sequence: u64::from(fastrand::u16(..) >> 1),
            reported: ReportedStats::default(),
        }
    }

    /// Whether it sends by what was agreed on, or is to by what the application wants.
    fn may_send(&self) -> bool {
        let transceiver = &self.agreed.transceiver;
        let agreed = transceiver
            .current_direction()
            .is_some_and(Direction::sends);
        agreed || transceiver.direction().sends()
    }

    fn deadline(&self) -> Option<Instant> {
        let send = self
            .sending
            .as_ref()
            .and_then(|sending| sending.sender.deadline());
        let receive = self.receiving.as_ref().and_then(|r| r.receiver.deadline());
        [send, receive].into_iter().flatten().min()
    }

    /// The receiving half, made when the first packet comes. Video has none.
    fn receiving_mut(&mut self) -> Option<&mut Receiving> {
        if self.receiving.is_none() {
            let track = self.agreed.transceiver.remote_track();
            let receiver = AudioReceiver::new(track.as_audio()?.clone());
            self.receiving = Some(Box::new(Receiving {
                ssrc: None,
                receiver,
            }));
        }
        self.receiving.as_deref_mut()
    }
}

/// Drops the stream by which a section would send. str0m makes one for each, goes through all of
/// them at each step, and keeps some 5 KiB for each.
fn withdraw_stream(rtc: &mut Rtc, mid: Mid) {
    let mut api = rtc.direct_api();
    if let Some(ssrc) = api.stream_tx_by_mid(mid, None).map(|stream| stream.ssrc()) {
        api.remove_stream_tx(ssrc);
    }
}
