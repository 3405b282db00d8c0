//! Deepgram's live transcription behind the transcriber's port.

mod dialect;
mod settings;
mod transcriber;

pub use settings::{SettingsError, TranscriberSettings};
pub use transcriber::DeepgramTranscriber;
