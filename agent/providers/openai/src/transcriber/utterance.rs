//! One stretch of speech, cut out of a sound that never ends.

use std::time::Duration;

use super::RATE;

/// Quieter than any voice that can be understood, louder than the hiss of a line: about -60 dBFS.
const FAINT: f64 = 33.0;

/// Kept from before the first sound: words begin softly.
const RUN_UP: Duration = Duration::from_millis(500);

/// The shortest and the longest utterance that can be set.
const BOUNDS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(120));

/// What has been heard since the last utterance.
#[derive(Debug)]
pub(super) struct Utterance {
    samples: Vec<i16>,
    longest: usize,
    run_up: usize,
    is_speech: bool,
}

impl Utterance {
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            samples: Vec::new(),
            longest: RATE.samples_in(longest.clamp(BOUNDS.0, BOUNDS.1)),
            run_up: RATE.samples_in(RUN_UP),
            is_speech: false,
        }
    }

    /// Adds the next sound; silence before the first word is forgotten.
    pub(super) fn handle(&mut self, sound: &[i16]) {
        self.samples.extend_from_slice(sound);
        self.is_speech |= is_audible(sound);
        if !self.is_speech {
            let surplus = self.samples.len().saturating_sub(self.run_up);
            self.samples.drain(..surplus);
        }
    }

    /// Whether it has become too long for one request.
    pub(super) fn is_full(&self) -> bool {
        self.samples.len() >= self.longest
    }

    /// Whether anything but silence was heard.
    pub(super) fn is_speech(&self) -> bool {
        self.is_speech
    }

    /// Takes what there is and begins anew.
    pub(super) fn take(&mut self) -> Vec<i16> {
        self.is_speech = false;
        std::mem::take(&mut self.samples)
    }
}

fn is_audible(sound: &[i16]) -> bool {
    let power: f64 = sound.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    power > FAINT * FAINT * sound.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: usize = 320;

    fn utterance() -> Utterance {
        Utterance::new(Duration::from_secs(2))
    }

    #[test]
    fn silence_before_the_first_word_is_forgotten_but_for_a_run_up() {
        let mut utterance = utterance();

        for _ in 0..1000 {
            utterance.handle(&[3; PIECE]);
        }
        utterance.handle(&[900; PIECE]);

        assert!(utterance.is_speech());
        assert_eq!(utterance.take().len(), RATE.samples_in(RUN_UP) + PIECE);
    }

    #[test]
    fn a_pause_inside_an_utterance_stays() {
        let mut utterance = utterance();

        for loudness in [900, 0, 0, 900] {
            utterance.handle(&[loudness; PIECE]);
        }

        assert_eq!(utterance.take().len(), 4 * PIECE);
        assert!(!utterance.is_speech());
    }

    #[test]
    fn a_speech_without_end_is_cut() {
        let mut utterance = utterance();

        let pieces = (1..).find(|_| {
            utterance.handle(&[900; PIECE]);
            utterance.is_full()
        });

        assert_eq!(pieces, Some(100));
    }

    #[test]
    fn silence_alone_never_fills_it() {
        let mut utterance = utterance();

        for _ in 0..10_000 {
            utterance.handle(&[0; PIECE]);
        }

        assert!(!utterance.is_full());
    }
}
