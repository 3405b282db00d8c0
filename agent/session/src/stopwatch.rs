//! Where the time of a turn goes. Pure.

use std::time::{Duration, Instant};

use crate::{Blame, TurnReport};

/// When a turn's steps happened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stopwatch {
    /// The speaker's last sound, or when their typed words came.
    pub(crate) ended: Option<Instant>,
    /// The last of their words.
    pub(crate) understood: Option<Instant>,
    /// The turn was over.
    pub(crate) answered: Option<Instant>,
    /// The thinker's first token.
    pub(crate) token: Option<Instant>,
    /// The first piece went to the speaker.
    pub(crate) piece: Option<Instant>,
    /// The first sound came.
    pub(crate) sound: Option<Instant>,
    /// The first sound went out.
    pub(crate) out: Option<Instant>,
    pub(crate) prepared: bool,
    pub(crate) tools: u32,
    pub(crate) blame: Vec<Blame>,
}

impl Stopwatch {
    /// Returns where the time went; `None` for what was not asked for, such as a greeting.
    pub(crate) fn report(&self, turn: u64) -> Option<TurnReport> {
        let (start, end) = (self.ended?, self.out?);
        let mut lap = Lap {
            last: start,
            end,
            sum: 0,
        };
        let transcription_ms = lap.to(self.understood);
        let endpointing_ms = lap.to(self.answered);
        let first_token_ms = lap.to(self.token);
        lap.skip_to(self.piece);
        let first_speech_ms = lap.to(self.sound);
        let transport_ms = lap.to(Some(end));
        let total_ms = millis(end.saturating_duration_since(start));
        Some(TurnReport {
            turn,
            total_ms,
            endpointing_ms,
            transcription_ms,
            first_token_ms,
            first_speech_ms,
            transport_ms,
            rest_ms: total_ms.saturating_sub(lap.sum),
            prepared: self.prepared,
            tools: self.tools,
            blame: self.blame.clone(),
        })
    }
}

/// Steps that overlap count once: for the one that ended first.
struct Lap {
    last: Instant,
    end: Instant,
    sum: u64,
}

impl Lap {
    fn to(&mut self, step: Option<Instant>) -> u64 {
        let from = self.last;
        self.skip_to(step);
        let took = millis(self.last.saturating_duration_since(from));
        self.sum += took;
        took
    }

    fn skip_to(&mut self, step: Option<Instant>) {
        if let Some(step) = step {
            self.last = self.last.max(step.min(self.end));
        }
    }
}

/// Rounded down, so that the parts are never more than the whole.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_whole() {
        let start = Instant::now();
        let at = |ms| Some(start + Duration::from_millis(ms));
        let watch = Stopwatch {
            ended: at(0),
            understood: at(200),
            answered: at(300),
            token: at(600),
            piece: at(700),
            sound: at(800),
            out: at(805),
            ..Stopwatch::default()
        };

        let report = watch.report(3).expect("a turn");

        assert_eq!(report.total_ms, 805);
        assert_eq!(report.transcription_ms, 200);
        assert_eq!(report.endpointing_ms, 100);
        assert_eq!(report.first_token_ms, 300);
        assert_eq!(report.first_speech_ms, 100);
        assert_eq!(report.transport_ms, 5);
        assert_eq!(report.rest_ms, 100, "writing the first piece");
    }

    #[test]
    fn what_was_ready_before_the_turn_was_over_took_no_time() {
        let start = Instant::now();
        let at = |ms| Some(start + Duration::from_millis(ms));
        let watch = Stopwatch {
            ended: at(100),
            understood: at(50),
            answered: at(400),
            token: at(200),
            piece: at(210),
            sound: at(300),
            out: at(402),
            prepared: true,
            ..Stopwatch::default()
        };

        let report = watch.report(3).expect("a turn");

        assert_eq!((report.total_ms, report.endpointing_ms), (302, 300));
        assert_eq!((report.transcription_ms, report.first_token_ms), (0, 0));
        assert_eq!((report.first_speech_ms, report.transport_ms), (0, 2));
    }

    #[test]
    fn nobody_waited_for_a_greeting() {
        let watch = Stopwatch {
            out: Some(Instant::now()),
            ..Stopwatch::default()
        };

        assert_eq!(watch.report(1), None);
    }
}
