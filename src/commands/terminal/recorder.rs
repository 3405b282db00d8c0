//! What was heard, on one timeline. Pure.

use std::time::Duration;

use room_media::{Format, Frame, SampleRate, wav};

/// Sound that comes later than this after the sound before it had a pause before it.
const SLACK: Duration = Duration::from_millis(100);

/// More is not recorded: an hour.
const LONGEST: Duration = Duration::from_secs(3_600);

/// The sound of a visit or a call, mono.
#[derive(Debug)]
pub(in crate::commands) struct Recording {
    rate: SampleRate,
    samples: Vec<i16>,
}

impl Recording {
    /// Begins to record at a rate.
    pub(in crate::commands) fn at(rate: SampleRate) -> Self {
        Self {
            rate,
            samples: Vec::new(),
        }
    }

    /// Adds sound that arrived at a time since the beginning.
    pub(in crate::commands) fn add(&mut self, at: Duration, samples: &[i16]) {
        if at > LONGEST {
            return;
        }
        let began = at.saturating_sub(self.rate.duration_of(samples.len()));
        let recorded = self.rate.duration_of(self.samples.len());
        if began > recorded + SLACK {
            self.samples.resize(self.rate.samples_in(began), 0);
        }
        self.samples.extend_from_slice(samples);
    }

    /// Returns the WAV file.
    pub(in crate::commands) fn wav(self) -> anyhow::Result<Vec<u8>> {
        let frame = Frame::new(Format::mono(self.rate), 0, self.samples)?;
        Ok(wav::write(&frame)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate::HZ_8000;

    #[test]
    fn pauses_are_kept_and_small_delays_are_not() {
        let mut recording = Recording::at(RATE);
        let piece = vec![7; RATE.samples_in(Duration::from_millis(20))];

        for at in [20, 45, 60, 1_020] {
            recording.add(Duration::from_millis(at), &piece);
        }

        let (before, after) = recording
            .samples
            .split_at(RATE.samples_in(Duration::from_secs(1)));
        assert_eq!(
            before.iter().filter(|sample| **sample == 7).count(),
            3 * piece.len()
        );
        assert_eq!(after, piece);
    }
}
