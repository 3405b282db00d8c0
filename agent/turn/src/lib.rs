//! Whose turn it is: a state machine that is told what happens and when, and says what to do.
//!
//! ```text
//! Input (voice, words, replies, time) ──► TurnTaking ──► Action (prepare, answer, pause, resume, stop, …)
//! ```

mod action;
mod input;
mod settings;
mod taking;
mod voice;

pub use action::{Action, Prompt, Turn};
pub use input::{Input, Person};
pub use settings::{AnswerWhen, TurnSettings};
pub use taking::TurnTaking;
pub use voice::{VOICE_HANGOVER, VoiceDetector, VoiceEvent};
