//! An unbroken count of sequence numbers and timestamps, and the place of a packet in it.

use super::super::red::Block;
use super::timeline::Timeline;
use super::window::{Seen, Window};

/// Duration of a lost frame before any was heard, in 48 kHz samples (20 ms).
const DEFAULT_DURATION: u32 = 960;

/// A packet that is next in number but this far back in time (1 s in 48 kHz samples) was given
/// a new clock by its sender. Copies in later packets explain only a fraction of it.
const STEP_BACK: u64 = 48_000;

/// What one sender has sent since it began to count.
#[derive(Debug)]
pub(super) struct Run {
    timeline: Timeline,
    window: Window,
    /// Number of the first packet that came.
    first: u64,
    /// Number of the packet to deliver next; after a copy it is inferred.
    expected: u64,
    /// Duration of the frame delivered last, in 48 kHz samples.
    duration: u32,
}

/// Where a packet belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At this position of the timeline, in 48 kHz samples.
    At(u64),
    /// It has come before.
    Duplicate,
    /// Its time has passed.
    Late,
}

impl Run {
    /// Begins with a packet, or with the copies in it: what was said just before is worth hearing.
    /// The first of them lies at `next`.
    pub(super) fn begin(sequence: u64, timestamp: u32, copies: &[Block], next: u64) -> Self {
        let oldest = copies.iter().map(|copy| copy.age).max().unwrap_or(0);
        Self {
            timeline: Timeline::new(timestamp, next + u64::from(oldest)),
            window: Window::before(sequence),
            first: sequence,
            expected: sequence.saturating_sub(copies.len() as u64),
            duration: DEFAULT_DURATION,
        }
    }

    /// Finds the place of a packet that lasts `duration`, when all before `next` was delivered.
    pub(super) fn place(
        &mut self,
        sequence: u64,
        timestamp: u32,
        duration: u32,
        next: u64,
    ) -> Place {
        let seen = self.window.note(sequence);
        if seen == Seen::Again {
            return Place::Duplicate;
        }
        if seen == Seen::Forgotten || sequence < self.expected {
            return Place::Late;
        }
        if self
            .timeline
            .position(timestamp)
            .is_none_or(|it| it + STEP_BACK < next)
        {
            self.timeline = Timeline::new(timestamp, next);
        }
        match self.timeline.position(timestamp) {
            Some(position) if position + u64::from(duration) > next => {
                self.timeline.advance(timestamp);
                Place::At(position)
            }
            _ => Place::Late,
        }
    }

    /// How many packets before this one were neither delivered nor copied so far.
    pub(super) fn missing_before(&self, sequence: u64) -> u64 {
        sequence.saturating_sub(self.expected)
    }

    /// Notes that a frame of `duration` is delivered: that of a packet, or (`None`) a copy of the
    /// one expected. Returns how many packets this leaves lost.
    pub(super) fn deliver(&mut self, sequence: Option<u64>, duration: u32) -> u64 {
        self.duration = duration;
        let delivered = sequence.unwrap_or(self.expected);
        let is_lost = sequence.is_none() && !self.is_before_first();
        let lost = self.missing_before(delivered) + u64::from(is_lost);
        self.expected = self.expected.max(delivered.saturating_add(1));
        lost
    }

    /// Whether the next packet was sent before we listened: it is not lost if it never comes.
    pub(super) fn is_before_first(&self) -> bool {
        self.expected < self.first
    }

    /// How long the frames of this sender last, in 48 kHz samples.
    pub(super) fn duration(&self) -> u32 {
        self.duration
    }
}
