//! How late each frame comes, compared with the quickest frames around it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{MILLI, nanos};

/// Quick frames are remembered this many slots of [`SLOT`] long. A second is enough to meet a quick
/// frame under jitter; a sender's pause too short to be seen, or a slower route, passes for lateness
/// no longer than that.
const SLOTS: usize = 10;
const SLOT: i64 = 100 * MILLI;
/// A frame is judged this long after it came, when those after it have shown whether all before
/// were late: a held-up burst looks like that, a pause does not.
const HOLD: i64 = 200 * MILLI;
/// However short the frames, no more of them wait to be judged.
const MOST_HELD: usize = 64;

/// What is known of a frame at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// Nanoseconds behind the quickest frame of late.
    pub(super) late_by: i64,
    /// By how much this frame was quicker than any before it.
    pub(super) base_fell_by: i64,
}

/// Watches arrivals. Within a stretch of sound, a frame should come as long after another as the
/// sound between them lasts.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// When the first frame of this stretch came.
    origin: Option<Instant>,
    /// Nanoseconds of sound since then.
    sound: i64,
    /// When the latest frame came, in nanoseconds after `origin`.
    latest: i64,
    /// The quickest frame of each slot, oldest first: arrival minus sound before it.
    quickest: VecDeque<i64>,
    /// Frames to be judged, oldest first.
    held: VecDeque<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    at: i64,
    delay: i64,
}

impl Arrivals {
    /// Forgets how quick frames were: after a silence, nothing tells when they should come.
    pub(super) fn begin_stretch(&mut self) {
        *self = Self::default();
    }

    pub(super) fn handle_frame(&mut self, arrived: Instant, duration: Duration) -> Arrival {
        let origin = *self.origin.get_or_insert(arrived);
        let at = nanos(arrived.saturating_duration_since(origin)).max(self.latest);
        let delay = at.saturating_sub(self.sound);
        let before = self.base();
        self.advance(at);
        if let Some(quickest) = self.quickest.back_mut() {
            *quickest = delay.min(*quickest);
        }
        self.latest = at;
        self.sound = self.sound.saturating_add(nanos(duration));
        if self.held.len() == MOST_HELD {
            self.held.pop_front();
        }
        self.held.push_back(Held { at, delay });
        let base = self.base().unwrap_or(delay);
        let fell = before.map_or(0, |before| before.saturating_sub(base));
        Arrival {
            late_by: delay.saturating_sub(base),
            base_fell_by: fell.max(0),
        }
    }

    /// Returns how late, in nanoseconds, those frames were of which that can be told.
    pub(super) fn drain_lateness(&mut self) -> impl Iterator<Item = i64> + '_ {
        let base = self.base().unwrap_or_default();
        let judged = self.latest.saturating_sub(HOLD);
        let count = self
            .held
            .iter()
            .take_while(|held| held.at <= judged)
            .count();
        self.held
            .drain(..count)
            .map(move |held| held.delay.saturating_sub(base).max(0))
    }

    /// Tells whether the stretch is old enough for its quickest frame to be known.
    pub(super) const fn are_settled(&self) -> bool {
        self.latest >= HOLD
    }

    fn base(&self) -> Option<i64> {
        self.quickest.iter().min().copied()
    }

    /// Opens the slots up to the one of `at`.
    fn advance(&mut self, at: i64) {
        if self.quickest.is_empty() {
            self.quickest.push_back(i64::MAX);
        }
        let passed = usize::try_from(at / SLOT - self.latest / SLOT).unwrap_or(0);
        for _ in 0..passed.min(SLOTS) {
            if self.quickest.len() == SLOTS {
                self.quickest.pop_front();
            }
            self.quickest.push_back(i64::MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(20);

    /// Feeds frames that arrive at the given milliseconds; returns how late they were judged.
    #[expect(
        clippy::disallowed_methods,
        reason = "any instant will do as the beginning"
    )]
    fn lateness(arrivals: &mut Arrivals, millis: impl IntoIterator<Item = u64>) -> Vec<i64> {
        let start = Instant::now();
        let mut judged = Vec::new();
        for at in millis {
            arrivals.handle_frame(start + Duration::from_millis(at), FRAME);
            judged.extend(arrivals.drain_lateness().map(|late| late / MILLI));
        }
        judged
    }

    #[test]
    fn even_frames_are_not_late() {
        let judged = lateness(&mut Arrivals::default(), (0..100).map(|i| i * 20));

        assert_eq!(judged, [0; 90]);
    }

    #[test]
    fn a_late_frame_is_late_by_its_delay() {
        let even = (0..100).map(|i| i * 20);
        let one_late = even.map(|at| if at == 1_000 { at + 15 } else { at });

        let judged = lateness(&mut Arrivals::default(), one_late);

        assert_eq!(judged[50], 15);
        assert_eq!(judged.iter().sum::<i64>(), 15);
    }

    #[test]
    fn a_burst_at_the_beginning_was_held_up() {
        let burst = [100, 100, 100, 100, 100, 100]
            .into_iter()
            .chain((6..20).map(|i| i * 20));

        let judged = lateness(&mut Arrivals::default(), burst);

        assert_eq!(judged[..6], [100, 80, 60, 40, 20, 0]);
        assert_eq!(judged[6..], [0; 4]);
    }

    #[test]
    fn a_slower_route_counts_as_late_for_a_second_only() {
        let slower = (0..200).map(|i| i * 20 + if i >= 100 { 50 } else { 0 });

        let judged = lateness(&mut Arrivals::default(), slower);

        assert_eq!(judged[101], 50);
        assert_eq!(judged[150..], [0; 40]);
    }

    #[test]
    fn any_number_of_short_frames_takes_bounded_memory() {
        let mut arrivals = Arrivals::default();

        lateness(&mut arrivals, std::iter::repeat_n(0, 10_000));

        assert!(arrivals.held.len() <= MOST_HELD && arrivals.quickest.len() <= SLOTS);
    }
}
