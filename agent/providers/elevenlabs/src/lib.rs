//! ElevenLabs' voices behind the speaker's port.

mod dialect;
mod settings;
mod speaker;

pub use settings::{SettingsError, SpeakerSettings};
pub use speaker::ElevenLabsSpeaker;
