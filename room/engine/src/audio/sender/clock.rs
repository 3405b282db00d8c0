//! When a frame is due, and where in the timeline it belongs.

use std::time::{Duration, Instant};

use super::super::codec::CLOCK_RATE;

/// Length of a frame: what all WebRTC peers expect, and Opus's best trade of delay for bits.
pub(super) const FRAME: Duration = Duration::from_millis(20);

/// The same in samples on the 48 kHz clock.
pub(super) const FRAME_SAMPLES: u64 = 960;

/// How long a frame that is due waits for the rest of its samples. Beyond it the speaker has
/// paused. One frame: a live source that is late by less keeps its place in the timeline.
const PATIENCE: Duration = FRAME;

/// How far a loop that was held up may fall behind and still send all that is due at once. Later
/// than that, the delay is admitted in the timeline, or receivers would keep it as their buffer.
const CATCH_UP: Duration = Duration::from_millis(100);

/// A frame that becomes whole by at most so much before its turn is a live source's, whose timer
/// wobbles, and is sent at once. What is earlier is there ahead of time, and waits for its turn.
const LEAD: Duration = Duration::from_millis(15);

/// Part of a live source's lateness by which the schedule moves, so that it settles behind a source
/// whose clock is slower than ours instead of running out of patience.
const SLIP: u32 = 8;

/// The same of what it is early: less, so that it is followed where it is late.
const RETURN: u32 = 64;

/// The pace of one sender. Sound that is there ahead of time keeps a fixed schedule from the first
/// sample of a talk spurt on, whenever it is really sent; a live source is followed.
#[derive(Debug, Default)]
pub(super) struct FrameClock {
    state: State,
    /// The moment of position zero.
    origin: Option<Instant>,
    /// Position after the last frame.
    next: u64,
    /// When the next frame became whole, if it is.
    whole_since: Option<Instant>,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Silent,
    /// The first samples after silence came, but not yet a frame of them.
    Gathering { since: Instant },
    /// It is the next frame's turn at `due`; `until` then it waits.
    Speaking { due: Instant, until: Instant },
}

/// How much of the next frame is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fullness {
    Empty,
    Partial,
    Whole,
}

/// What to do. Positions are in samples on the 48 kHz clock since the first frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Send the frame, padded with silence where it is not whole.
    Send { position: u64 },
    /// The same, for the first frame after silence.
    Begin { position: u64 },
    /// Come back when there are more samples, or at the deadline.
    AwaitSamples,
    /// Come back at the deadline.
    AwaitDeadline,
}

impl FrameClock {
    /// When to call `tick`; `None` in silence.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::Silent => None,
            State::Gathering { since } => Some(since + PATIENCE),
            State::Speaking { until, .. } => Some(until),
        }
    }

    /// Takes note that the next frame became whole at `at`.
    pub(super) fn handle_whole(&mut self, at: Instant) {
        self.whole_since = Some(at);
    }

    /// Decides about the next frame at `now`.
    pub(super) fn tick(&mut self, now: Instant, frame: Fullness) -> Action {
        match self.state {
            State::Silent => self.listen(now, frame),
            State::Gathering { since } => self.gather(now, since, frame),
            State::Speaking { due, .. } => self.speak(now, due, frame),
        }
    }

    fn listen(&mut self, now: Instant, frame: Fullness) -> Action {
        match frame {
            Fullness::Empty => Action::AwaitSamples,
            Fullness::Partial => {
                self.state = State::Gathering { since: now };
                Action::AwaitSamples
            }
            Fullness::Whole => self.begin(now, now),
        }
    }

    fn gather(&mut self, now: Instant, since: Instant, frame: Fullness) -> Action {
        match frame {
            Fullness::Whole => self.begin(now, since),
            Fullness::Partial if now >= since + PATIENCE => {
                let action = self.begin(now, since);
                self.state = State::Silent;
                action
            }
            Fullness::Partial => Action::AwaitSamples,
            Fullness::Empty => {
                self.state = State::Silent;
                Action::AwaitSamples
            }
        }
    }

    fn speak(&mut self, now: Instant, due: Instant, frame: Fullness) -> Action {
        if frame != Fullness::Whole {
            let until = due + PATIENCE;
            if now < until {
                self.state = State::Speaking { due, until };
                return Action::AwaitSamples;
            }
            self.state = State::Silent;
            return self.send();
        }
        if now > due + CATCH_UP {
            return self.begin(now, now);
        }
        let live = self.whole_since.filter(|whole| due <= *whole + LEAD);
        if now < due && live.is_none() {
            self.state = State::Speaking { due, until: due };
            return Action::AwaitDeadline;
        }
        self.await_frame_after(live.map_or(due, |whole| towards(whole, due)));
        self.send()
    }

    fn await_frame_after(&mut self, turn: Instant) {
        let due = turn + FRAME;
        self.state = State::Speaking {
            due,
            until: due + PATIENCE,
        };
    }

    fn send(&mut self) -> Action {
        Action::Send {
            position: self.place(self.next),
        }
    }

    /// Starts a talk spurt whose first sample was handed over at `since`. A loop that comes late to its first frame is not
    /// late with the others.
    fn begin(&mut self, now: Instant, since: Instant) -> Action {
        let whole = self.whole_since.filter(|whole| now <= *whole + CATCH_UP);
        let turn = whole.map_or(now, |whole| whole.min(now));
        self.await_frame_after(turn);
        let since = since.min(turn);
        let origin = *self.origin.get_or_insert(since);
        let elapsed = since.saturating_duration_since(origin).as_nanos();
        let position = elapsed * u128::from(CLOCK_RATE) / 1_000_000_000;
        let position = u64::try_from(position).unwrap_or(u64::MAX / 2);
        Action::Begin {
            position: self.place(position.max(self.next)),
        }
    }

    /// Gives the frame its place.
    fn place(&mut self, position: u64) -> u64 {
        self.next = position + FRAME_SAMPLES;
        self.whole_since = None;
        position
    }
}

/// Moves a turn a little towards the moment at which its frame became whole.
fn towards(whole: Instant, due: Instant) -> Instant {
    if whole > due {
        due + (whole - due) / SLIP
    } else {
        due - (due - whole) / RETURN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_whole_frame_after_silence_is_sent_at_once() {
        let start = Instant::now();
        let mut clock = FrameClock::default();

        assert_eq!(clock.tick(start, Fullness::Empty), Action::AwaitSamples);
        assert_eq!(clock.deadline(), None);
        assert_eq!(
            clock.tick(start + 7 * MS, Fullness::Whole),
            Action::Begin { position: 0 }
        );
        assert_eq!(
            clock.tick(start + 26 * MS, Fullness::Whole),
            Action::AwaitDeadline
        );
        assert_eq!(clock.deadline(), Some(start + 27 * MS));
    }

    #[test]
    fn a_loop_that_comes_late_does_not_make_the_schedule_drift() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);

        for frame in 1..=500_u32 {
            let late = MS * (frame % 7);
            let action = clock.tick(start + FRAME * frame + late, Fullness::Whole);
            assert_eq!(
                action,
                Action::Send {
                    position: u64::from(frame) * FRAME_SAMPLES
                }
            );
        }

        clock.tick(start + FRAME * 500, Fullness::Whole);
        assert_eq!(clock.deadline(), Some(start + FRAME * 501));
    }

    #[test]
    fn a_loop_that_comes_late_to_the_first_frame_is_not_late_with_the_others() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.handle_whole(start);
        let first = clock.tick(start + 30 * MS, Fullness::Whole);
        assert_eq!(first, Action::Begin { position: 0 });
        clock.handle_whole(start + FRAME);

        let second = clock.tick(start + 30 * MS, Fullness::Whole);

        assert_eq!(second, Action::Send { position: 960 });
        let whole: Vec<_> = (2..100_u32).map(|frame| FRAME * frame).collect();
        let left = live(&mut clock, start, whole.iter().copied());
        assert_eq!(left, whole);
    }

    #[test]
    fn sound_from_long_before_does_not_hurry_what_follows() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.handle_whole(start);
        let now = start + CATCH_UP + MS;
        let first = clock.tick(now, Fullness::Whole);
        assert_eq!(first, Action::Begin { position: 0 });

        clock.handle_whole(start);

        assert_eq!(clock.tick(now, Fullness::Whole), Action::AwaitDeadline);
        assert_eq!(clock.deadline(), Some(now + FRAME));
    }

    /// Has a live source hand over frames at the given milliseconds after the first; returns when they left.
    fn live(
        clock: &mut FrameClock,
        start: Instant,
        whole: impl Iterator<Item = Duration>,
    ) -> Vec<Duration> {
        let mut left = Vec::new();
        for whole in whole.map(|after| start + after) {
            let wakes = clock.deadline().filter(|deadline| *deadline < whole);
            assert_eq!(
                wakes, None,
                "nothing is to be done before the frame is whole"
            );
            clock.handle_whole(whole);
            let mut now = whole;
            while clock.tick(now, Fullness::Whole) == Action::AwaitDeadline {
                now = clock.deadline().expect("it speaks");
            }
            assert_eq!(clock.tick(now, Fullness::Empty), Action::AwaitSamples);
            left.push(now - start);
        }
        left
    }

    #[test]
    fn live_sources_that_are_a_little_slower_or_faster_never_wait_nor_leave_a_hole() {
        // 2 ‰ of 100 s would use up the patience of a fixed schedule ten times.
        for interval in [FRAME + MS / 25, FRAME, FRAME - MS / 25] {
            let start = Instant::now();
            let mut clock = FrameClock::default();
            clock.tick(start, Fullness::Whole);
            let whole: Vec<_> = (1..=5_000_u32).map(|frame| interval * frame).collect();

            let left = live(&mut clock, start, whole.iter().copied());

            assert_eq!(left, whole);
        }
    }

    #[test]
    fn a_live_source_whose_timer_wobbles_does_not_wait_for_its_turn() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);
        // Late at first, by the wobble of a timer each, and once by more.
        let late = |frame: u32| {
            if frame < 100 {
                9
            } else {
                frame * 7 % 4 + frame / 300 % 2 * 5
            }
        };
        let whole: Vec<_> = (1..=500)
            .map(|frame| FRAME * frame + MS * late(frame))
            .collect();

        let left = live(&mut clock, start, whole.iter().copied());

        assert_eq!(left, whole);
    }

    #[test]
    fn a_live_source_that_comes_in_bursts_leaves_evenly() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);
        // Two frames each 40 ms, one right behind the other.
        let whole = (2..200_u32).map(|frame| FRAME * (frame - frame % 2) + MS * (frame % 2));

        let left = live(&mut clock, start, whole);

        let apart = left.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(
            apart.skip(60).all(|apart| apart >= FRAME - 2 * MS),
            "{left:?}"
        );
    }

    #[test]
    fn sound_that_is_there_ahead_of_time_keeps_its_schedule() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);

        for frame in 1..=500_u32 {
            let due = start + FRAME * frame;
            clock.handle_whole(due - 2 * FRAME);
            assert_eq!(clock.tick(due - MS, Fullness::Whole), Action::AwaitDeadline);
            assert_eq!(clock.deadline(), Some(due));
            clock.tick(due, Fullness::Whole);
        }
    }

    #[test]
    fn samples_that_stay_away_end_the_talk_spurt_with_a_padded_frame() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);

        assert_eq!(
            clock.tick(start + FRAME, Fullness::Partial),
            Action::AwaitSamples
        );
        assert_eq!(clock.deadline(), Some(start + 2 * FRAME));
        assert_eq!(
            clock.tick(start + 2 * FRAME, Fullness::Partial),
            Action::Send { position: 960 }
        );
        assert_eq!(clock.deadline(), None);
    }

    #[test]
    fn positions_go_on_over_silence() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);
        clock.tick(start + FRAME, Fullness::Empty);
        clock.tick(start + 2 * FRAME, Fullness::Empty);

        let action = clock.tick(start + 5_000 * MS, Fullness::Whole);

        assert_eq!(
            action,
            Action::Begin {
                position: 5 * 48_000
            }
        );
    }

    #[test]
    fn a_loop_that_was_away_for_long_admits_it_in_the_timeline() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);

        let action = clock.tick(start + 1_000 * MS, Fullness::Whole);

        assert_eq!(action, Action::Begin { position: 48_000 });
        assert_eq!(
            clock.tick(start + 1_000 * MS, Fullness::Whole),
            Action::AwaitDeadline
        );
    }
}
