//! One note as it sounds: a turning arrow for its pitch and another an octave above, and an envelope.

use std::f64::consts::{PI, TAU};

use super::score::{Note, Part};
use crate::SampleRate;

/// How loud the octave above is beside the note itself.
const OCTAVE: f64 = 0.15;

/// A note that sounds.
#[derive(Clone, Debug)]
pub(super) struct Voice {
    tone: Arrow,
    octave: Arrow,
    envelope: Envelope,
    samples_per_second: f64,
    /// Samples since it began.
    age: usize,
    gain: f64,
    /// What is added to the gain with each sample.
    slope: f64,
}

/// A sine, by turning a point on a circle.
#[derive(Clone, Debug)]
struct Arrow {
    at: (f64, f64),
    turn: (f64, f64),
}

/// How a note swells and fades, in seconds.
#[derive(Clone, Copy, Debug)]
struct Envelope {
    loudest: f64,
    attack: f64,
    /// From here on it fades out.
    release_at: f64,
    release: f64,
    /// In this time it becomes weaker by a factor e, if it does.
    decay: Option<f64>,
}

impl Voice {
    pub(super) fn new(note: Note, rate: SampleRate) -> Self {
        Self {
            tone: Arrow::new(note.hertz, rate),
            octave: Arrow::new(note.hertz * 2.0, rate),
            envelope: Envelope::of(note.part),
            samples_per_second: f64::from(rate.hertz()),
            age: 0,
            gain: 0.0,
            slope: 0.0,
        }
    }

    /// Decides how the gain changes within the next so many samples; says whether there is anything left to hear.
    pub(super) fn handle_step(&mut self, samples: usize) -> bool {
        let now = self.age as f64 / self.samples_per_second;
        if now >= self.envelope.length() {
            return false;
        }
        self.age += samples;
        let then = self.age as f64 / self.samples_per_second;
        self.slope = (self.envelope.at(then) - self.gain) / samples as f64;
        true
    }

    /// Returns the next sample, where 1 is full scale.
    pub(super) fn next(&mut self) -> f32 {
        self.gain += self.slope;
        let sine = self.tone.next() + OCTAVE * self.octave.next();
        (self.gain * sine) as f32
    }
}

impl Arrow {
    fn new(hertz: f64, rate: SampleRate) -> Self {
        let angle = TAU * hertz / f64::from(rate.hertz());
        Self {
            at: (1.0, 0.0),
            turn: (angle.cos(), angle.sin()),
        }
    }

    fn next(&mut self) -> f64 {
        let ((x, y), (c, s)) = (self.at, self.turn);
        self.at = (x * c - y * s, x * s + y * c);
        y
    }
}

impl Envelope {
    const fn of(part: Part) -> Self {
        match part {
            Part::Chord => Self {
                loudest: 0.04,
                attack: 1.2,
                release_at: 4.0,
                release: 1.6,
                decay: None,
            },
            Part::Bell => Self {
                loudest: 0.03,
                attack: 0.02,
                release_at: 1.5,
                release: 0.8,
                decay: Some(0.6),
            },
        }
    }

    fn length(&self) -> f64 {
        self.release_at + self.release
    }

    /// Returns the gain so many seconds after the note began.
    fn at(&self, seconds: f64) -> f64 {
        let swell = smooth(seconds / self.attack);
        let fade = 1.0 - smooth((seconds - self.release_at) / self.release);
        let decay = self.decay.map_or(1.0, |decay| (-seconds / decay).exp());
        self.loudest * swell * fade * decay
    }
}

/// Goes from 0 to 1 without a corner.
fn smooth(share: f64) -> f64 {
    (1.0 - (PI * share.clamp(0.0, 1.0)).cos()) / 2.0
}
