//! Where speech begins and ends in a stream of sound.

use std::time::Duration;

/// How finely it listens.
pub(super) const STEP: Duration = Duration::from_millis(20);

/// What happened in a step of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Happened {
    /// Speech began at this second.
    Began(f64),
    /// Speech goes on.
    GoesOn,
    /// Speech ended; the silence asked for has followed it.
    Ended,
    /// It has been silent since the last word for as long as an utterance lasts.
    UtteranceOver,
}

/// Follows the sound. All times are seconds of sound, not of the clock.
#[derive(Debug)]
pub(super) struct Ear {
    endpointing: f64,
    utterance_end: Option<f64>,
    /// How much was heard.
    pub(super) position: f64,
    /// Where the present speech began.
    pub(super) speech: Option<f64>,
    /// Where the last loud step ended.
    pub(super) last_word: Option<f64>,
    is_utterance_open: bool,
}

impl Ear {
    pub(super) fn new(endpointing: f64, utterance_end: Option<f64>) -> Self {
        Self {
            endpointing,
            utterance_end,
            position: 0.0,
            speech: None,
            last_word: None,
            is_utterance_open: false,
        }
    }

    /// Hears one step.
    pub(super) fn handle(&mut self, is_loud: bool) -> Option<Happened> {
        let began = self.position;
        self.position += STEP.as_secs_f64();
        if is_loud {
            self.last_word = Some(self.position);
            self.is_utterance_open = true;
            if self.speech.is_some() {
                return Some(Happened::GoesOn);
            }
            self.speech = Some(began);
            return Some(Happened::Began(began));
        }
        let silence = self.last_word.map_or(0.0, |end| self.position - end) + 1e-6;
        if self.speech.is_some() {
            if silence >= self.endpointing {
                return Some(Happened::Ended);
            }
            return Some(Happened::GoesOn);
        }
        let is_over =
            self.is_utterance_open && self.utterance_end.is_some_and(|end| silence >= end);
        if is_over {
            self.is_utterance_open = false;
            return Some(Happened::UtteranceOver);
        }
        None
    }

    /// Ends the present speech here; returns where it began.
    pub(super) fn cut(&mut self) -> Option<f64> {
        self.speech.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speech_ends_after_the_silence_asked_for() {
        let mut ear = Ear::new(0.1, Some(0.2));
        let mut happened = Vec::new();

        for step in 0..20 {
            let news = ear.handle((2..4).contains(&step));
            if news == Some(Happened::Ended) {
                ear.cut();
            }
            happened.extend(
                news.filter(|news| *news != Happened::GoesOn)
                    .map(|news| (step, news)),
            );
        }

        assert_eq!(
            happened,
            [
                (2, Happened::Began(0.04)),
                (8, Happened::Ended),
                (13, Happened::UtteranceOver),
            ]
        );
    }
}
