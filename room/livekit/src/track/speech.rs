//! Whether somebody speaks whose sound the server does not get to hear. Pure: time is an argument.

use std::time::Duration;

use room_media::{Dbfs, Level};
use tokio::time::Instant;

/// What the server takes for speech as well (`audio.active_level` of its configuration).
const AUDIBLE: Dbfs = Dbfs::new(-35.0);

/// What the server looks at (`audio.update_interval`); long enough for the pause between two words.
const HANGOVER: Duration = Duration::from_millis(400);

/// How one track sounds of late.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// How loud it was last, and until when that counts.
    last: Option<(Dbfs, Instant)>,
}

impl Speech {
    /// Takes what is being sent. Returns whether speech begins.
    pub(super) fn handle(&mut self, now: Instant, samples: &[i16]) -> bool {
        let level = Level::of(samples).rms;
        if level < AUDIBLE {
            return false;
        }
        let begins = self.loudness(now).is_none();
        self.last = Some((level, now + HANGOVER));
        begins
    }

    /// Returns how loud it is, 0 to 1 as root mean square, while somebody speaks.
    pub(super) fn loudness(&self, now: Instant) -> Option<f32> {
        let (level, _) = self.last.filter(|(_, until)| now < *until)?;
        Some(level.amplitude())
    }

    /// When speech is over unless more comes.
    pub(super) fn until(&self) -> Option<Instant> {
        self.last.map(|(_, until)| until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOUD: [i16; 160] = [3_277; 160];
    const HISS: [i16; 160] = [50; 160];
    const PIECE: Duration = Duration::from_millis(20);

    #[test]
    fn speech_begins_once_and_goes_on_over_short_pauses() {
        let (mut speech, now) = (Speech::default(), Instant::now());

        assert!(!speech.handle(now, &HISS));
        assert_eq!(speech.loudness(now), None);
        assert!(speech.handle(now, &LOUD));
        assert!(!speech.handle(now + PIECE, &HISS));
        assert!(!speech.handle(now + PIECE * 15, &LOUD));

        let loudness = speech.loudness(now + PIECE * 20).expect("it goes on");
        assert!((loudness - 0.1).abs() < 0.001, "{loudness}");
        assert_eq!(speech.until(), Some(now + PIECE * 15 + HANGOVER));
    }

    #[test]
    fn after_a_longer_pause_it_begins_anew() {
        let (mut speech, now) = (Speech::default(), Instant::now());
        speech.handle(now, &LOUD);

        assert_eq!(speech.loudness(now + HANGOVER), None);
        assert!(speech.handle(now + HANGOVER, &LOUD));
    }
}
