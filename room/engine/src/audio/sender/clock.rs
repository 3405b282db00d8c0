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

/// Part of a live source's lateness by which the schedule moves, so that it settles behind a
/// source whose clock is slower than ours instead of running out of patience.
const SLIP: u32 = 8;

/// Frames of a live source that are watched before the schedule moves towards it: a second.
const WATCHED: u32 = 50;

/// What a live source's own timer wobbles: frames are not hurried for less.
const WOBBLE: Duration = Duration::from_millis(2);

/// The pace of one sender. Frames keep a fixed schedule from the first sample of a talk spurt on,
/// whenever they are really sent.
#[derive(Debug, Default)]
pub(super) struct FrameClock {
    state: State,
    /// The moment of position zero.
    origin: Option<Instant>,
    /// Position after the last frame.
    next: u64,
    /// When the next frame became whole, if it is.
    whole_since: Option<Instant>,
    waits: Waits,
}

/// How long whole frames of a live source have waited for their turn. A source that was late once has put the schedule
/// off, and would stay late by it.
#[derive(Debug, Default)]
struct Waits {
    least: Duration,
    frames: u32,
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Silent,
    /// The first samples after silence came, but not yet a frame of them.
    Gathering { since: Instant },
    /// The next frame is to be sent at `due`; `starved` once it was not complete by then.
    Speaking { due: Instant, starved: bool },
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
            State::Speaking {
                due,
                starved: false,
            } => Some(due),
            State::Speaking { due, starved: true } => Some(due + PATIENCE),
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
            State::Speaking { due, .. } if now < due => Action::AwaitDeadline,
            State::Speaking { due, starved } => self.speak(now, due, starved, frame),
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

    fn speak(&mut self, now: Instant, due: Instant, starved: bool, frame: Fullness) -> Action {
        let late = now - due;
        if frame == Fullness::Whole {
            if late > CATCH_UP {
                return self.begin(now, now);
            }
            let slip = if starved { late / SLIP } else { Duration::ZERO };
            let waited = self.whole_since.map(|at| due.saturating_duration_since(at));
            self.state = State::Speaking {
                due: due + FRAME + slip - self.waits.handle_frame(waited),
                starved: false,
            };
            return Action::Send {
                position: self.place(self.next),
            };
        }
        if late >= PATIENCE {
            self.state = State::Silent;
            return Action::Send {
                position: self.place(self.next),
            };
        }
        self.state = State::Speaking { due, starved: true };
        Action::AwaitSamples
    }

    /// Starts a talk spurt whose first sample was handed over at `since`.
    fn begin(&mut self, now: Instant, since: Instant) -> Action {
        self.state = State::Speaking {
            due: now + FRAME,
            starved: false,
        };
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

impl Waits {
    /// Takes note how long a frame has waited; returns by how much earlier the next ones are to be sent. Sound that waits
    /// for a frame and longer is there ahead of time, and is no live source's.
    fn handle_frame(&mut self, waited: Option<Duration>) -> Duration {
        let Some(waited) = waited.filter(|waited| (WOBBLE..FRAME).contains(waited)) else {
            *self = Self::default();
            return Duration::ZERO;
        };
        self.least = if self.frames == 0 {
            waited
        } else {
            self.least.min(waited)
        };
        self.frames += 1;
        if self.frames < WATCHED {
            return Duration::ZERO;
        }
        std::mem::take(self).least - WOBBLE
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

        assert_eq!(clock.deadline(), Some(start + FRAME * 501));
    }

    #[test]
    fn a_slow_live_source_is_followed_without_a_hole() {
        // 2 ‰ slower than our clock: 20 s of it would use up the patience of a fixed schedule.
        let start = Instant::now();
        let interval = FRAME + Duration::from_micros(40);
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);

        for frame in 1..=5_000_u32 {
            let complete = start + interval * frame;
            if clock.deadline().is_some_and(|due| due < complete) {
                assert_eq!(
                    clock.tick(complete - MS / 100, Fullness::Partial),
                    Action::AwaitSamples
                );
            }
            let action = clock.tick(complete, Fullness::Whole);
            assert_eq!(
                action,
                Action::Send {
                    position: u64::from(frame) * FRAME_SAMPLES
                }
            );
        }
    }

    #[test]
    fn a_live_source_that_was_late_once_is_sent_in_time_again() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);
        let mut waited = Vec::new();

        for frame in 1..=200_u32 {
            // A timer's wobble, and nine milliseconds late at first.
            let late = if frame < 100 { 9 } else { 0 };
            let whole = start + FRAME * frame + MS * (late + frame % 2);
            let due = clock.deadline().expect("it speaks");
            if due < whole {
                clock.tick(whole - MS / 100, Fullness::Empty);
            }
            clock.handle_whole(whole);
            clock.tick(due.max(whole), Fullness::Whole);
            waited.push(due.saturating_duration_since(whole));
        }

        assert!(waited[110] >= 5 * MS, "{waited:?}");
        assert!(
            waited[160..].iter().all(|wait| *wait <= 4 * MS),
            "{waited:?}"
        );
    }

    #[test]
    fn sound_that_is_there_ahead_of_time_keeps_its_schedule() {
        let start = Instant::now();
        let mut clock = FrameClock::default();
        clock.tick(start, Fullness::Whole);

        for frame in 1..=500_u32 {
            clock.handle_whole(start + FRAME * frame - 2 * FRAME);
            clock.tick(start + FRAME * frame, Fullness::Whole);
        }

        assert_eq!(clock.deadline(), Some(start + FRAME * 501));
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
