//! Whose turn it is: a state machine that is told what happens and when, and says what to do.
//!
//! ```text
//! Input (voice, words, replies, time) ──► TurnTaking ──► Action (prepare, answer, pause, resume, stop, …)
//! ```

mod action;
mod alarm;
mod company;
mod input;
mod reply;
mod settings;
mod speech;
mod taking;
mod voice;
mod words;

pub use action::{Action, Prompt, Turn};
pub use input::{Input, Person};
pub use settings::{AnswerWhen, TurnSettings};
pub use taking::TurnTaking;
pub use voice::{VOICE_HANGOVER, VoiceDetector, VoiceEvent};
