//! What one speaker says, until they pause. Pure: time is an argument.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use room_media::{Dbfs, Level};

/// How far back the echo reaches.
pub(crate) const MEMORY: Duration = Duration::from_secs(3);

/// Long enough for a breath, short enough not to feel slow.
const PAUSE: Duration = Duration::from_millis(600);

/// What is kept from before speech was noticed, so that its first sound is not cut.
const RUN_UP: Duration = Duration::from_millis(100);

/// Louder than a quiet room, softer than quiet speech.
const SPEECH: Dbfs = Dbfs::new(-45.0);

/// Samples per second of everything here; one channel.
pub(crate) const RATE: u32 = 24_000;

/// One speaker's ear.
#[derive(Default)]
pub(crate) struct Utterance {
    samples: VecDeque<i16>,
    phase: Phase,
}

#[derive(Default, Clone, Copy)]
enum Phase {
    #[default]
    Silent,
    Speaking {
        /// When the last loud frame came.
        heard: Instant,
        /// How many samples came after it.
        tail: usize,
    },
}

impl Utterance {
    /// Takes a frame in; says whether speech began with it.
    pub(crate) fn handle_audio(&mut self, now: Instant, samples: &[i16]) -> bool {
        let loud = Level::of(samples).rms.decibels() > SPEECH.decibels();
        let was_silent = matches!(self.phase, Phase::Silent);
        self.phase = match self.phase {
            _ if loud => Phase::Speaking {
                heard: now,
                tail: 0,
            },
            Phase::Silent => Phase::Silent,
            Phase::Speaking { heard, tail } => Phase::Speaking {
                heard,
                tail: tail + samples.len(),
            },
        };
        self.samples.extend(samples);
        let kept = samples_in(if matches!(self.phase, Phase::Silent) {
            RUN_UP
        } else {
            MEMORY
        });
        self.samples
            .drain(..self.samples.len().saturating_sub(kept));
        was_silent && loud
    }

    /// Returns when the present silence counts as a pause.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::Silent => None,
            Phase::Speaking { heard, .. } => Some(heard + PAUSE),
        }
    }

    /// Returns what was said, once it is over.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<Vec<i16>> {
        let Phase::Speaking { heard, tail } = self.phase else {
            return None;
        };
        if now < heard + PAUSE {
            return None;
        }
        self.phase = Phase::Silent;
        let said = self.samples.len().saturating_sub(tail);
        let said = self.samples.drain(..).take(said).collect();
        Some(said)
    }
}

pub(crate) fn samples_in(duration: Duration) -> usize {
    usize::try_from(duration.as_millis())
        .unwrap_or(usize::MAX)
        .saturating_mul(RATE as usize / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(20);

    /// Hands frames over in real time; returns the time after the last.
    fn hear(
        utterance: &mut Utterance,
        mut now: Instant,
        value: i16,
        duration: Duration,
    ) -> Instant {
        let end = now + duration;
        while now < end {
            utterance.handle_audio(now, &vec![value; samples_in(FRAME)]);
            now += FRAME;
        }
        now
    }

    #[test]
    fn what_was_said_is_returned_after_a_pause() {
        let (mut utterance, start) = (Utterance::default(), Instant::now());

        let spoken = hear(&mut utterance, start, 5_000, Duration::from_secs(1));
        assert_eq!(utterance.handle_timeout(spoken), None, "too early");
        let quiet = hear(&mut utterance, spoken, 0, PAUSE);
        let said = utterance.handle_timeout(quiet).expect("said");

        assert_eq!(said.len(), samples_in(Duration::from_secs(1)));
        assert_eq!(utterance.deadline(), None);
        assert_eq!(utterance.handle_timeout(quiet + PAUSE), None, "said once");
    }

    #[test]
    fn a_sender_that_stops_sending_has_paused() {
        let (mut utterance, start) = (Utterance::default(), Instant::now());

        hear(&mut utterance, start, 5_000, Duration::from_secs(1));
        let deadline = utterance.deadline().expect("a pause to come");

        assert!(utterance.handle_timeout(deadline).is_some());
    }

    #[test]
    fn only_the_last_three_seconds_are_kept() {
        let (mut utterance, start) = (Utterance::default(), Instant::now());

        let spoken = hear(&mut utterance, start, 4_000, Duration::from_secs(7));
        let spoken = hear(&mut utterance, spoken, 5_000, Duration::from_secs(1));
        let said = utterance.handle_timeout(spoken + PAUSE).expect("said");

        assert_eq!(said.len(), samples_in(MEMORY));
        assert_eq!((said.first(), said.last()), (Some(&4_000), Some(&5_000)));
    }

    #[test]
    fn a_short_breath_is_no_pause() {
        let (mut utterance, start) = (Utterance::default(), Instant::now());

        let spoken = hear(&mut utterance, start, 5_000, Duration::from_millis(500));
        let breath = hear(&mut utterance, spoken, 0, PAUSE / 2);
        assert_eq!(utterance.handle_timeout(breath), None);
        let spoken = hear(&mut utterance, breath, 5_000, Duration::from_millis(500));
        let said = utterance.handle_timeout(spoken + PAUSE).expect("said");

        assert_eq!(
            said.len(),
            samples_in(Duration::from_millis(1_000) + PAUSE / 2)
        );
    }

    #[test]
    fn silence_says_nothing() {
        let (mut utterance, start) = (Utterance::default(), Instant::now());

        let later = hear(&mut utterance, start, 20, Duration::from_secs(10));

        assert_eq!(utterance.deadline(), None);
        assert_eq!(utterance.handle_timeout(later), None);
    }
}
