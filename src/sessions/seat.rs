//! The agent's seat: when an agent is put into a room, and when it is taken out again.

use std::time::{Duration, Instant};

use agent_session::Entrance;

/// An agent must not sit alone for more than 10 s; leaving takes part of that.
const ALONE: Duration = Duration::from_secs(8);

/// Pause before an agent that failed is put in again; the caller is waiting.
const FIRST_REST: Duration = Duration::from_millis(500);

/// Where doubling the pause stops.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// Whether a session wants an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentWish {
    /// The agent talks with the callers.
    Wanted,
    /// Humans only.
    Unwanted,
}

impl AgentWish {
    /// Returns the word for records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Unwanted => "unwanted",
        }
    }

    /// Returns the wish of that name; without a clear one nobody is put into a room.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name == Self::Wanted.name() {
            Self::Wanted
        } else {
            Self::Unwanted
        }
    }
}

/// What is to be done about the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// Put one in.
    Seat(Entrance),
    /// Take it out.
    Dismiss,
    /// Switch it off where it is.
    Hush,
    /// Switch it on where it is.
    Rouse,
}

/// How an agent is switched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Switching {
    /// It takes part again, with this profile, if one is named.
    On {
        /// The profile's name.
        profile: Option<String>,
    },
    /// It leaves.
    Off,
    /// It stays and listens, as its profile says and everybody was told.
    OffListening,
}

/// The agent's seat in one room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    state: State,
    failures: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No agent belongs here.
    Unwanted,
    /// One is in, switched off, and listens.
    Quiet,
    /// One is wanted as soon as there is somebody to talk with.
    Empty,
    /// One is in, or on its way, and somebody is there.
    Taken,
    /// One is in, or on its way, and nobody is there.
    Alone { until: Instant },
    /// One failed; the next is put in after a pause.
    Resting { until: Instant },
    /// It was put out, perhaps by a server that has put in its own.
    Yielded,
}

impl Seat {
    pub(super) const fn new(wish: AgentWish) -> Self {
        let state = match wish {
            AgentWish::Wanted => State::Empty,
            AgentWish::Unwanted => State::Unwanted,
        };
        Self { state, failures: 0 }
    }

    /// Tells whether an agent is in the room or on its way.
    pub(super) const fn is_taken(self) -> bool {
        matches!(self.state, State::Taken | State::Alone { .. })
    }

    /// Tells whether an agent is there, switched on or off.
    const fn is_occupied(self) -> bool {
        self.is_taken() || matches!(self.state, State::Quiet)
    }

    /// A caller was announced: the agent had better be there first.
    pub(super) fn handle_announced(&mut self, now: Instant) -> Option<Move> {
        let until = now + ALONE;
        match self.state {
            State::Empty => {
                self.state = State::Alone { until };
                Some(Move::Seat(Entrance::Greeting))
            }
            State::Alone { .. } => {
                self.state = State::Alone { until };
                None
            }
            State::Unwanted
            | State::Quiet
            | State::Taken
            | State::Resting { .. }
            | State::Yielded => None,
        }
    }

    /// LiveKit said how many callers are in the room.
    pub(super) fn handle_callers(&mut self, now: Instant, callers: usize) -> Option<Move> {
        match (self.state, callers) {
            (State::Empty, 1..) => {
                self.state = State::Taken;
                Some(Move::Seat(Entrance::Greeting))
            }
            (State::Quiet, 0) => {
                self.state = State::Unwanted;
                Some(Move::Dismiss)
            }
            (State::Alone { .. }, 1..) => {
                self.state = State::Taken;
                None
            }
            (State::Taken, 0) => {
                self.state = State::Alone { until: now + ALONE };
                None
            }
            (State::Unwanted | State::Quiet | State::Taken, 1..)
            | (State::Unwanted | State::Empty | State::Alone { .. }, 0)
            | (State::Resting { .. } | State::Yielded, _) => None,
        }
    }

    /// Somebody switched the agent.
    pub(super) fn handle_switch(&mut self, callers: usize, to: &Switching) -> Option<Move> {
        match (to, self.state) {
            (Switching::On { .. }, State::Quiet) => {
                self.state = State::Taken;
                Some(Move::Rouse)
            }
            (Switching::On { .. }, State::Unwanted) if callers > 0 => {
                self.state = State::Taken;
                Some(Move::Seat(Entrance::Silent))
            }
            (Switching::On { .. }, State::Unwanted) => {
                self.state = State::Empty;
                None
            }
            (Switching::OffListening, State::Taken) => {
                self.state = State::Quiet;
                Some(Move::Hush)
            }
            (Switching::OffListening, State::Quiet) => None,
            (Switching::Off | Switching::OffListening, _) => self.handle_end(),
            (
                Switching::On { .. },
                State::Empty
                | State::Taken
                | State::Alone { .. }
                | State::Resting { .. }
                | State::Yielded,
            ) => None,
        }
    }

    /// The agent left without having been asked to.
    pub(super) fn handle_left(&mut self, now: Instant) {
        if self.state == State::Quiet {
            self.state = State::Unwanted;
        }
        if self.is_taken() {
            let rest = FIRST_REST
                .saturating_mul(1 << self.failures.min(10))
                .min(LONGEST_REST);
            self.failures += 1;
            self.state = State::Resting { until: now + rest };
        }
    }

    /// The agent was put out while another server may have the session: no other one is put in before that is known.
    pub(super) fn handle_put_out(&mut self) {
        self.state = if self.is_taken() {
            State::Yielded
        } else {
            State::Unwanted
        };
    }

    /// The session is this server's.
    pub(super) fn handle_reassured(&mut self, now: Instant, callers: usize) -> Option<Move> {
        if self.state != State::Yielded {
            return None;
        }
        self.state = State::Empty;
        self.handle_callers(now, callers)
    }

    /// The agent is not wanted any more, or the session is over.
    pub(super) fn handle_end(&mut self) -> Option<Move> {
        let occupied = self.is_occupied();
        self.state = State::Unwanted;
        occupied.then_some(Move::Dismiss)
    }

    pub(super) const fn deadline(self) -> Option<Instant> {
        match self.state {
            State::Alone { until } | State::Resting { until } => Some(until),
            State::Unwanted | State::Quiet | State::Empty | State::Taken | State::Yielded => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, callers: usize) -> Option<Move> {
        match self.state {
            State::Alone { until } if until <= now => {
                self.state = State::Empty;
                Some(Move::Dismiss)
            }
            State::Resting { until } if until <= now => {
                self.state = State::Empty;
                self.handle_callers(now, callers)
            }
            State::Unwanted
            | State::Quiet
            | State::Empty
            | State::Taken
            | State::Alone { .. }
            | State::Resting { .. }
            | State::Yielded => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agent_alone_for_eight_seconds_is_taken_out_and_put_back_when_a_caller_comes() {
        let start = Instant::now();
        let mut seat = Seat::new(AgentWish::Wanted);

        assert_eq!(
            seat.handle_announced(start),
            Some(Move::Seat(Entrance::Greeting))
        );
        assert_eq!(seat.handle_timeout(start + Duration::from_secs(7), 0), None);
        assert_eq!(seat.handle_timeout(start + ALONE, 0), Some(Move::Dismiss));
        assert!(!seat.is_taken());
        assert_eq!(
            seat.handle_callers(start + ALONE, 1),
            Some(Move::Seat(Entrance::Greeting))
        );
        assert_eq!(seat.deadline(), None);
    }

    #[test]
    fn an_agent_that_keeps_failing_is_put_in_ever_more_rarely() {
        let mut now = Instant::now();
        let mut seat = Seat::new(AgentWish::Wanted);
        seat.handle_callers(now, 1);

        let mut pauses = Vec::new();
        for _ in 0..9 {
            seat.handle_left(now);
            let until = seat.deadline().expect("a failed agent rests");
            pauses.push(until - now);
            now = until;
            assert_eq!(
                seat.handle_timeout(now, 1),
                Some(Move::Seat(Entrance::Greeting))
            );
        }

        assert_eq!(pauses[..3], [500, 1000, 2000].map(Duration::from_millis));
        assert_eq!(pauses.last(), Some(&LONGEST_REST));
    }

    #[test]
    fn an_agent_that_was_switched_off_comes_back_without_a_greeting() {
        let now = Instant::now();
        let mut seat = Seat::new(AgentWish::Wanted);
        seat.handle_callers(now, 1);

        let on = Switching::On { profile: None };
        assert_eq!(seat.handle_switch(1, &Switching::Off), Some(Move::Dismiss));
        assert_eq!(seat.handle_switch(1, &Switching::Off), None);
        assert_eq!(seat.handle_callers(now, 2), None);
        assert_eq!(
            seat.handle_switch(1, &on),
            Some(Move::Seat(Entrance::Silent))
        );
        assert_eq!(seat.handle_switch(1, &on), None);
    }

    #[test]
    fn an_agent_that_listens_while_it_is_off_leaves_with_the_last_caller() {
        let now = Instant::now();
        let mut seat = Seat::new(AgentWish::Wanted);
        seat.handle_callers(now, 1);
        let on = Switching::On { profile: None };

        assert_eq!(
            seat.handle_switch(1, &Switching::OffListening),
            Some(Move::Hush)
        );
        assert!(!seat.is_taken());
        assert_eq!(seat.handle_switch(1, &on), Some(Move::Rouse));
        seat.handle_switch(1, &Switching::OffListening);
        assert_eq!(seat.handle_callers(now, 0), Some(Move::Dismiss));
        assert_eq!(seat.handle_callers(now, 1), None);
    }

    #[test]
    fn after_an_agent_that_another_server_may_have_put_out_none_is_put_in_before_that_is_known() {
        let now = Instant::now();
        let mut seat = Seat::new(AgentWish::Wanted);
        seat.handle_callers(now, 1);

        seat.handle_put_out();

        assert!(!seat.is_taken());
        assert_eq!((seat.deadline(), seat.handle_callers(now, 1)), (None, None));
        assert_eq!(
            seat.handle_reassured(now, 1),
            Some(Move::Seat(Entrance::Greeting))
        );
        assert_eq!(seat.handle_reassured(now, 1), None);
    }

    #[test]
    fn a_session_without_an_agent_never_gets_one() {
        let now = Instant::now();
        let mut seat = Seat::new(AgentWish::Unwanted);

        assert_eq!(seat.handle_announced(now), None);
        assert_eq!(seat.handle_callers(now, 3), None);
        assert_eq!(seat.handle_end(), None);
    }
}
