//! Puts packets into order and decides what fills the holes; decodes nothing.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::super::codec::{duration_of, has_in_band_fec};
use super::super::packet::Payload;
use super::super::red::Block;
use super::super::stats::AudioReceiverStats;
use super::super::stream::FrameOrigin;
use super::run::{Place, Run};
use super::step::{Sound, Step};

/// How long a missing packet is waited for while later ones are there: two frames, enough for
/// packets that overtook each other and for a retransmission on a short path.
pub(super) const PATIENCE: Duration = Duration::from_millis(40);

/// Packets that wait behind a hole. When there are more, the hole is filled at once.
const MAX_WAITING: usize = 32;

/// Longest stretch that is made up, in 48 kHz samples (120 ms). By then concealment has faded to
/// silence; what is missing beyond it becomes a jump in the positions, like the sender's silence.
const MAX_CONCEALED: u64 = 5_760;

/// Concealment is made in steps of 2.5 ms: the shortest Opus frame, in 48 kHz samples.
const GRAIN: u64 = 120;

/// This many packets in a row from the past mean that the sender began a new count.
const MAX_LATE_IN_A_ROW: u32 = 25;

/// The order of one stream of packets.
#[derive(Debug, Default)]
pub(super) struct Sequencer {
    /// `None` until the first packet.
    run: Option<Run>,
    /// End of what was delivered, in 48 kHz samples; the place of the first packet of a run.
    next: u64,
    /// Frames that cannot be delivered yet, by position.
    waiting: BTreeMap<u64, Waiting>,
    steps: VecDeque<Step>,
    late_in_a_row: u32,
    stats: AudioReceiverStats,
}

/// A frame that waits for those before it.
#[derive(Debug)]
struct Waiting {
    payload: Payload,
    duration: u32,
    /// `None` for a copy in a later packet.
    sequence: Option<u64>,
    arrived: Instant,
}

impl Sequencer {
    /// Takes the frames of a packet, the new one last. Returns false if it is not Opus.
    pub(super) fn handle_packet(
        &mut self,
        now: Instant,
        sequence: u64,
        timestamp: u32,
        blocks: &[Block],
    ) -> bool {
        let Some((frame, copies)) = blocks.split_last() else {
            return false;
        };
        let Some(duration) = duration_of(frame.payload.bytes()) else {
            return false;
        };
        if self.late_in_a_row >= MAX_LATE_IN_A_ROW {
            self.restart();
        }
        let Some(position) = self.place(sequence, timestamp, duration, copies) else {
            return true;
        };
        self.late_in_a_row = 0;
        self.stats.received += 1;
        for copy in copies {
            self.keep_copy(now, position, copy);
        }
        let payload = frame.payload.clone();
        let waiting = Waiting {
            payload,
            duration,
            sequence: Some(sequence),
            arrived: now,
        };
        self.waiting.insert(position, waiting);
        self.advance(now);
        true
    }

    /// When to call `handle_timeout`; `None` while nothing is missing.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let oldest = self.waiting.values().map(|waiting| waiting.arrived).min()?;
        Some(oldest + PATIENCE)
    }

    /// Fills what is overdue at `now`.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// Delivers what waits, and takes the next packet as the beginning of a new count.
    pub(super) fn restart(&mut self) {
        while let Some((position, waiting)) = self.waiting.pop_first() {
            self.deliver(position, waiting);
        }
        self.run = None;
        self.late_in_a_row = 0;
    }

    /// Takes what is to be decoded next.
    pub(super) fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// The counts of packets and samples; no jitter, no malformed packets.
    pub(super) fn stats(&self) -> AudioReceiverStats {
        self.stats
    }

    /// Returns the position of a packet, unless it came before or comes too late.
    fn place(
        &mut self,
        sequence: u64,
        timestamp: u32,
        duration: u32,
        copies: &[Block],
    ) -> Option<u64> {
        let next = self.next;
        let run = self
            .run
            .get_or_insert_with(|| Run::begin(sequence, timestamp, copies, next));
        match run.place(sequence, timestamp, duration, next) {
            Place::At(position) => Some(position),
            Place::Duplicate => {
                self.stats.duplicates += 1;
                None
            }
            Place::Late => {
                self.stats.late += 1;
                self.late_in_a_row += 1;
                None
            }
        }
    }

    fn keep_copy(&mut self, now: Instant, position: u64, copy: &Block) {
        let Some(position) = position.checked_sub(u64::from(copy.age)) else {
            return;
        };
        let Some(duration) = duration_of(copy.payload.bytes()) else {
            return;
        };
        if position + u64::from(duration) <= self.next {
            return;
        }
        let payload = copy.payload.clone();
        let copy = Waiting {
            payload,
            duration,
            sequence: None,
            arrived: now,
        };
        self.waiting.entry(position).or_insert(copy);
    }

    /// Delivers all that is in order, and fills holes that were waited for long enough.
    fn advance(&mut self, now: Instant) {
        while let Some(&position) = self.waiting.keys().next() {
            let missing = self.missing();
            let hole = position.saturating_sub(self.next);
            if hole > 0 && missing > 0 {
                let overdue = self.deadline().is_some_and(|deadline| now >= deadline);
                if !overdue && self.waiting.len() <= MAX_WAITING {
                    return;
                }
                self.fill(hole, missing);
            }
            if let Some(waiting) = self.waiting.remove(&position) {
                self.deliver(position, waiting);
            }
        }
    }

    /// How many packets have not come, neither themselves nor as copies, between the last one
    /// delivered and the first one that waits.
    fn missing(&self) -> u64 {
        let Some(run) = &self.run else { return 0 };
        let copies = self
            .waiting
            .values()
            .take_while(|waiting| waiting.sequence.is_none());
        let copies = copies.count() as u64;
        let sequence = self.waiting.values().find_map(|waiting| waiting.sequence);
        sequence.map_or(0, |sequence| {
            run.missing_before(sequence).saturating_sub(copies)
        })
    }

    /// Fills a hole in front of the first frame that waits, as far as packets are missing. The
    /// rest of it is the sender's silence.
    fn fill(&mut self, hole: u64, missing: u64) {
        let Some(run) = &self.run else { return };
        let step = u64::from(run.duration());
        let lost = missing.saturating_mul(step);
        let mut rest = hole.min(lost).min(MAX_CONCEALED) / GRAIN * GRAIN;
        if rest == 0 {
            return;
        }
        let hole_ends = hole == rest;
        let fec = self
            .waiting
            .values()
            .next()
            .map(|waiting| waiting.payload.clone());
        let fec = fec.filter(|payload| hole_ends && has_in_band_fec(payload.bytes()));
        let concealed = self.stats.concealed_samples;
        while rest > 0 {
            let duration = rest.min(step);
            rest -= duration;
            let sound = match fec.clone().filter(|_| rest == 0) {
                Some(payload) => Sound::Fec(payload),
                None => Sound::Concealment,
            };
            self.push(self.next, duration as u32, sound);
        }
        self.stats.concealment_events += u64::from(self.stats.concealed_samples > concealed);
    }

    /// Hands out a frame, unless its time has passed.
    fn deliver(&mut self, position: u64, waiting: Waiting) {
        let Some(run) = &mut self.run else { return };
        let origin = match waiting.sequence {
            None if !run.is_before_first() => FrameOrigin::Recovered,
            _ => FrameOrigin::Received,
        };
        let lost = run.deliver(waiting.sequence, waiting.duration);
        self.stats.lost = self.stats.lost.saturating_add(lost);
        if position + u64::from(waiting.duration) <= self.next {
            return;
        }
        let sound = Sound::Frame(waiting.payload, origin);
        self.push(position.max(self.next), waiting.duration, sound);
    }

    fn push(&mut self, position: u64, duration: u32, sound: Sound) {
        self.next = position + u64::from(duration);
        self.stats.total_samples += u64::from(duration);
        match &sound {
            Sound::Frame(_, FrameOrigin::Recovered) | Sound::Fec(_) => self.stats.recovered += 1,
            Sound::Frame(..) => {}
            Sound::Concealment => self.stats.concealed_samples += u64::from(duration),
        }
        self.steps.push_back(Step {
            position,
            duration,
            sound,
        });
    }
}

#[cfg(test)]
mod tests;
