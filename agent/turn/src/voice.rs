//! When somebody's voice begins and ends.

use std::{collections::VecDeque, time::Duration};

/// So long after the last sound of a voice its end is told: a pause inside a word is shorter.
pub const VOICE_HANGOVER: Duration = Duration::from_millis(200);

/// Listens for one person's voice in 16 kHz mono sound.
#[derive(Debug, Default)]
pub struct VoiceDetector {
    events: VecDeque<VoiceEvent>,
}

/// A voice began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceEvent {
    /// A voice began.
    Began {
        /// How long before the end of the sound handed over.
        ago: Duration,
    },
    /// A voice ended.
    Ended {
        /// How long before the end of the sound handed over its last sound was.
        ago: Duration,
    },
}

impl VoiceDetector {
    /// The rate of the sound it takes, in Hz.
    pub const SAMPLE_RATE: u32 = 16_000;

    /// Begins to listen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next sound, in pieces of any length.
    pub fn handle(&mut self, _samples: &[i16]) {}

    /// Takes out what was noticed, in order.
    pub fn poll_event(&mut self) -> Option<VoiceEvent> {
        self.events.pop_front()
    }
}
