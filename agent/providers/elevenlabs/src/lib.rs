//! ElevenLabs' voices behind the speaker's port.

mod failure;
mod refusal;
mod settings;
mod socket;
mod speaker;
mod tls;

pub use settings::{SettingsError, SpeakerSettings};
pub use speaker::ElevenLabsSpeaker;
