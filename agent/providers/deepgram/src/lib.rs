//! Deepgram's live transcription behind the transcriber's port.

mod failure;
mod refusal;
mod settings;
mod socket;
mod tls;
mod transcriber;

pub use settings::{SettingsError, TranscriberSettings};
pub use transcriber::DeepgramTranscriber;
