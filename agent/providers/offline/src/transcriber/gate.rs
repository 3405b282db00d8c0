//! Tells when a voice begins, so that a decoder is taken for speech alone. Pure.

use std::{collections::VecDeque, time::Duration};

use room_media::Level;

use super::RATE;

/// Kept from before the voice was noticed, so that its first sound is not cut.
const RUN_UP: Duration = Duration::from_millis(400);
/// Softer than quiet speech.
const FAINT: f32 = -50.0;
/// How far speech stands out of the noise, in dB.
const ABOVE_NOISE: f32 = 8.0;
/// How fast the noise may grow, in dB per second.
const NOISE_GROWS: f32 = 3.0;
/// Shorter sounds are clicks.
const ONSET: Duration = Duration::from_millis(40);

/// One speaker's gate.
#[derive(Debug)]
pub(super) struct Gate {
    run_up: VecDeque<i16>,
    noise: f32,
    loud: Duration,
    quiet: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            run_up: VecDeque::with_capacity(RATE.samples_in(RUN_UP * 2)),
            noise: FAINT - ABOVE_NOISE,
            loud: Duration::ZERO,
            quiet: Duration::ZERO,
        }
    }
}

impl Gate {
    /// Takes in the next sound.
    pub(super) fn handle(&mut self, samples: &[i16]) {
        let lasts = RATE.duration_of(samples.len());
        let level = Level::of(samples).rms.decibels();
        if level > self.threshold() {
            self.loud += lasts;
            self.quiet = Duration::ZERO;
        } else {
            self.loud = Duration::ZERO;
            self.quiet += lasts;
        }
        let grown = self.noise + NOISE_GROWS * lasts.as_secs_f32();
        self.noise = grown.min(level).max(FAINT - ABOVE_NOISE);
        self.run_up.extend(samples);
        let surplus = self.run_up.len().saturating_sub(RATE.samples_in(RUN_UP));
        self.run_up.drain(..surplus);
    }

    /// Returns whether there is a voice.
    pub(super) fn is_open(&self) -> bool {
        self.loud >= ONSET
    }

    /// Returns for how long there was none.
    pub(super) fn quiet(&self) -> Duration {
        self.quiet
    }

    /// Takes out the sound before this moment.
    pub(super) fn take_run_up(&mut self) -> Vec<i16> {
        self.run_up.drain(..).collect()
    }

    fn threshold(&self) -> f32 {
        FAINT.max(self.noise + ABOVE_NOISE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: usize = 320;

    fn noise(amplitude: i16, seed: u32) -> Vec<i16> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            i32::from((state >> 16) as i16) * i32::from(amplitude) / 32_768
        };
        (0..CHUNK).map(|_| next() as i16).collect()
    }

    #[test]
    fn silence_keeps_it_shut() {
        let mut gate = Gate::default();

        (0..100).for_each(|_| gate.handle(&[0; CHUNK]));

        assert!(!gate.is_open());
        assert_eq!(gate.quiet(), Duration::from_secs(2));
    }

    #[test]
    fn a_voice_opens_it_and_its_beginning_is_kept() {
        let mut gate = Gate::default();
        (0..50).for_each(|_| gate.handle(&[0; CHUNK]));

        gate.handle(&noise(8_000, 1));
        gate.handle(&noise(8_000, 2));

        assert!(gate.is_open());
        assert_eq!(gate.take_run_up().len(), RATE.samples_in(RUN_UP));
    }

    #[test]
    fn steady_noise_shuts_it_again() {
        let mut gate = Gate::default();

        for seed in 0..1_000 {
            gate.handle(&noise(600, seed));
        }

        assert!(!gate.is_open());
    }
}
