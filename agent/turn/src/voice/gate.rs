//! Keeps out what a neural network takes for a voice: tones, hold music, noise, a quiet room.
//!
//! The figures come from speech by several synthesisers, clean and through the telephone's μ-law, beside DTMF,
//! ringback and dial tones, chords and noises: a tone predicts itself to -33 dB and better, a voice seldom and never
//! for long; noise to -1 dB; music stays predictable from step to step, while speech moves.

use super::prediction::{self, Block, Prediction};

/// Quieter than this is nobody who speaks to us.
const QUIETEST_DB: f64 = -52.0;
/// A voice stands so far above the room.
const ABOVE_ROOM_DB: f64 = 6.0;
/// Rooms are taken to be no quieter, so that the first noise after digital silence is not a room of its own.
const QUIETEST_ROOM_DB: f64 = -70.0;
/// The room's level follows a louder room so fast: 2 dB per second.
const ROOM_RISE_DB: f64 = 0.032;
/// The loudest room; a louder one is a speaker who makes no pause.
const LOUDEST_ROOM_DB: f64 = -30.0;
/// Less prediction error than this: a tone.
const TONE_DB: f64 = -32.0;
/// More prediction error than this: noise.
const NOISE_DB: f64 = -1.5;
/// Less error than this with the prediction of two steps before: steady.
const STEADY_DB: f64 = -16.0;
/// Half a second of steady sound is no speech.
const STEADY_STEPS: u32 = 32;
/// It stays steady so long through changes of notes.
const MOST_STEADY_STEPS: u32 = 64;
/// One step of change weighs as much as so many steady ones.
const CHANGE: u32 = 3;

/// Judges the sound step by step.
#[derive(Debug)]
pub(super) struct Gate {
    room_db: f64,
    before: [Option<Prediction>; 2],
    steady: u32,
}

/// Whether a sound may be a voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may.
    Open,
    /// It is a tone.
    Tone,
    /// It is noise or music.
    Shut,
    /// It is too quiet.
    Quiet,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            room_db: QUIETEST_ROOM_DB,
            before: [None, None],
            steady: 0,
        }
    }
}

impl Gate {
    pub(super) fn judge(&mut self, step: &[i16]) -> Verdict {
        let level = level_db(step);
        let is_loud = level >= QUIETEST_DB.max(self.room_db + ABOVE_ROOM_DB);
        let risen = (self.room_db + ROOM_RISE_DB).min(LOUDEST_ROOM_DB);
        self.room_db = level.clamp(QUIETEST_ROOM_DB, risen);
        if !is_loud {
            self.before = [None, None];
            self.steady = self.steady.saturating_sub(1);
            return Verdict::Quiet;
        }
        let block = prediction::block(step);
        let prediction = Prediction::of(&block);
        let error = prediction.error_db(&block);
        if error < TONE_DB {
            self.before = [None, None];
            return Verdict::Tone;
        }
        self.follow(&block, prediction);
        if error > NOISE_DB || self.steady >= STEADY_STEPS {
            return Verdict::Shut;
        }
        Verdict::Open
    }

    /// Counts how long the sound has been steady.
    fn follow(&mut self, block: &Block, prediction: Prediction) {
        let [two_before, before] = self.before;
        self.before = [before, Some(prediction)];
        let is_steady = two_before.is_some_and(|then| then.error_db(block) < STEADY_DB);
        self.steady = if is_steady {
            (self.steady + 1).min(MOST_STEADY_STEPS)
        } else {
            self.steady.saturating_sub(CHANGE)
        };
    }
}

/// Returns the level in dB below full scale.
fn level_db(step: &[i16]) -> f64 {
    let energy: f64 = step.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let mean = energy / step.len() as f64 / f64::from(i16::MAX).powi(2);
    10.0 * (mean + 1e-12).log10()
}
