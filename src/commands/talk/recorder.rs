//! What was heard, on one timeline. Pure.

use std::time::Duration;

use super::sound::{RATE, wav_of};

/// Sound that comes later than this after the sound before it had a pause before it.
const SLACK: Duration = Duration::from_millis(100);

/// More is not recorded: an hour.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The sound of a visit, mono.
#[derive(Debug, Default)]
pub(super) struct Recording(Vec<i16>);

impl Recording {
    /// Adds sound that arrived at a time since the beginning.
    pub(super) fn add(&mut self, at: Duration, samples: &[i16]) {
        if at > LONGEST {
            return;
        }
        let began = at.saturating_sub(RATE.duration_of(samples.len()));
        let recorded = RATE.duration_of(self.0.len());
        if began > recorded + SLACK {
            self.0.resize(RATE.samples_in(began), 0);
        }
        self.0.extend_from_slice(samples);
    }

    /// Returns the WAV file.
    pub(super) fn wav(self) -> anyhow::Result<Vec<u8>> {
        wav_of(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_kept_and_small_delays_are_not() {
        let mut recording = Recording::default();
        let piece = vec![7; RATE.samples_in(Duration::from_millis(20))];

        for at in [20, 45, 60, 1_020] {
            recording.add(Duration::from_millis(at), &piece);
        }

        let (before, after) = recording
            .0
            .split_at(RATE.samples_in(Duration::from_secs(1)));
        assert_eq!(
            before.iter().filter(|sample| **sample == 7).count(),
            3 * piece.len()
        );
        assert_eq!(after, piece);
    }
}
