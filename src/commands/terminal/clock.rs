//! When the agent spoke, by its sound. Pure: time is an argument.

use std::time::Duration;

use room_media::Level;
use tokio::time::Instant;

/// Softer is silence.
const AUDIBLE: f32 = -50.0;

/// When the agent was heard.
#[derive(Debug, Default)]
pub(in crate::commands) struct Clock {
    /// The beginning of its present or last speech.
    began: Option<Instant>,
    /// Its last audible sound.
    last: Option<Instant>,
}

/// A longer silence separates one speech from the next.
const PAUSE: Duration = Duration::from_millis(700);

impl Clock {
    /// Takes note of a piece of the agent's sound.
    pub(in crate::commands) fn handle_sound(&mut self, now: Instant, samples: &[i16]) {
        if Level::of(samples).rms.decibels() <= AUDIBLE {
            return;
        }
        if self.is_quiet(now, PAUSE) {
            self.began = Some(now);
        }
        self.last = Some(now);
    }

    /// Returns whether nothing was heard for so long.
    pub(in crate::commands) fn is_quiet(&self, now: Instant, pause: Duration) -> bool {
        self.last
            .is_none_or(|last| now.duration_since(last) >= pause)
    }

    /// Returns when a speech began after `time`.
    pub(in crate::commands) fn began_after(&self, time: Instant) -> Option<Instant> {
        self.began.filter(|began| *began >= time)
    }

    /// Returns when it has been quiet for `pause`, if nothing more comes.
    pub(in crate::commands) fn quiet_at(&self, pause: Duration) -> Option<Instant> {
        self.last.map(|last| last + pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speech_begins_after_a_pause_and_not_within_one() {
        let (mut clock, start) = (Clock::default(), Instant::now());
        let at = |millis| start + Duration::from_millis(millis);

        for millis in [0, 200, 800, 2_000, 2_100] {
            clock.handle_sound(at(millis), &[9_000; 480]);
        }
        clock.handle_sound(at(9_000), &[3; 480]);

        assert_eq!(clock.began_after(at(100)), Some(at(2_000)));
        assert_eq!(clock.began_after(at(2_001)), None);
        assert!(clock.is_quiet(at(9_000), PAUSE));
    }
}
