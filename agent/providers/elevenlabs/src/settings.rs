//! What an operator says about the service.

use std::time::Duration;

use agent_contract::BoxError;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// How to reach the service and how it should speak.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeakerSettings {
    /// Where the service is; `https` and `wss` mean the same.
    pub base_url: Url,
    /// What opens it. From the environment, never from a file.
    #[serde(skip)]
    pub key: Option<SecretString>,
    /// The model's id.
    pub model: String,
    /// The id of the voice, where a profile names none.
    pub voice: Option<String>,
    /// The rate of the sound: 8000, 16000, 22050, 24000 or 44100.
    pub sample_rate: u32,
    /// How many characters are gathered before the first piece of speech, the second, and so on; 50 to 500 each.
    /// Fewer speak sooner, more sound better.
    pub chunk_length_schedule: Vec<u16>,
    /// From 0 to 1; the voice's own when there is none.
    pub stability: Option<f32>,
    /// From 0 to 1; the voice's own when there is none.
    pub similarity_boost: Option<f32>,
    /// From 0.7 to 1.2; the voice's own when there is none.
    pub speed: Option<f32>,
    /// Whether to name the language; models for one language refuse it.
    pub names_language: bool,
    /// How long the service may be silent when it owes an answer.
    pub patience_ms: u64,
}

impl Default for SpeakerSettings {
    fn default() -> Self {
        Self {
            base_url: Url::parse("wss://api.elevenlabs.io/").expect("a constant that is a URL"),
            key: None,
            model: "eleven_flash_v2_5".to_owned(),
            voice: None,
            sample_rate: 24_000,
            chunk_length_schedule: vec![50, 90, 140, 200],
            stability: None,
            similarity_boost: None,
            speed: None,
            names_language: true,
            patience_ms: 10_000,
        }
    }
}

/// Settings that cannot work: correct them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The key cannot be sent.
    #[error("the key holds characters that no HTTP header can carry: copy it again")]
    Key,
    /// Not a place that speaks WebSocket.
    #[error("`base_url` must begin with wss:// or https:// (ws:// or http:// without TLS)")]
    BaseUrl,
    /// A rate that the service does not know.
    #[error("`sample_rate` must be 8000, 16000, 22050, 24000 or 44100")]
    SampleRate,
    /// Outside what the service takes.
    #[error("`chunk_length_schedule` must hold numbers from 50 to 500")]
    Schedule,
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up")]
    Tls(#[source] BoxError),
}

/// The shortest patience that makes sense: the round trip to another continent.
const LEAST_PATIENCE: Duration = Duration::from_millis(250);

impl SpeakerSettings {
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms).max(LEAST_PATIENCE)
    }
}
