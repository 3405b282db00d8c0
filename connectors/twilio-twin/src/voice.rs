//! How `<Say>` sounds.

use std::fmt;

use room_media::{Dbfs, SampleRate, tone::Tone};

/// Turns the text of `<Say>` into sound.
pub trait Voice: fmt::Debug + Send + Sync {
    /// Returns mono samples at 8 kHz. `language` and `voice` are the attributes of the verb, empty where it has none.
    fn speak(&self, text: &str, language: &str, voice: &str) -> Vec<i16>;
}

/// A voice for tests: a tone of 440 Hz, 60 ms for each character of the text, at most 10 s.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToneVoice;

impl ToneVoice {
    /// The pitch, in hertz.
    pub const HERTZ: f32 = 440.0;
    /// Samples for each character.
    const PACE: usize = 480;
    const LONGEST: usize = 80_000;
}

impl Voice for ToneVoice {
    fn speak(&self, text: &str, _language: &str, _voice: &str) -> Vec<i16> {
        let length = (text.trim().chars().count() * Self::PACE).min(Self::LONGEST);
        Tone::new(SampleRate::HZ_8000, Self::HERTZ, Dbfs::new(-20.0)).take(length)
    }
}
