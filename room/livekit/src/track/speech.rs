//! Whether somebody speaks whose sound the server does not get to hear. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// What the server takes for speech as well (`audio.active_level` of its configuration): −35 dBFS.
const AUDIBLE: f32 = 0.017_8;

/// What the server looks at (`audio.update_interval`); long enough for the pause between two words.
const HANGOVER: Duration = Duration::from_millis(400);

/// How one track sounds of late.
#[derive(Debug, Default)]
pub(super) struct Speech {
    until: Option<Instant>,
    loudness: f32,
}

impl Speech {
    /// Takes what is being sent. Returns whether speech begins.
    pub(super) fn handle(&mut self, now: Instant, samples: &[i16]) -> bool {
        let loudness = loudness(samples);
        if loudness < AUDIBLE {
            return false;
        }
        let begins = self.loudness(now).is_none();
        self.loudness = loudness;
        self.until = Some(now + HANGOVER);
        begins
    }

    /// Returns how loud it is, 0 to 1 as root mean square, while somebody speaks.
    pub(super) fn loudness(&self, now: Instant) -> Option<f32> {
        self.until.filter(|until| now < *until)?;
        Some(self.loudness)
    }

    /// When speech is over unless more comes.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }
}

#[expect(clippy::cast_precision_loss, reason = "a piece has few samples")]
fn loudness(samples: &[i16]) -> f32 {
    let squares = samples.iter().map(|sample| f32::from(*sample).powi(2));
    let mean = squares.sum::<f32>() / samples.len().max(1) as f32;
    mean.sqrt() / 32_768.0
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
