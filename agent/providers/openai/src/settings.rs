//! What an operator says about each server.

use std::time::Duration;

use agent_contract::BoxError;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// OpenAI's own address.
const OPENAI: &str = "https://api.openai.com/v1";

/// How to reach a chat model.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThinkerSettings {
    /// Where the server is, `/v1` included.
    pub base_url: Url,
    /// What opens it; servers of one's own need none. From the environment, never from a file.
    #[serde(skip)]
    pub key: Option<SecretString>,
    /// The model's id.
    pub model: String,
    /// How adventurous; the server's own choice when there is none. Reasoning models refuse it.
    pub temperature: Option<f32>,
    /// How long a reasoning model may ponder: `minimal`, `low` …
    pub reasoning_effort: Option<String>,
    /// Which field bounds the length of an answer.
    pub token_limit: TokenLimit,
    /// Whether to ask for the tokens used; some old servers refuse the question.
    pub usage: bool,
    /// Whether answers to half a turn are worth their price.
    pub preemptive: bool,
    /// The longest silence of the server, before the first byte and between two.
    pub patience_ms: u64,
}

/// The name of the field that bounds the length of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenLimit {
    /// What OpenAI asks for.
    MaxCompletionTokens,
    /// What older servers know.
    MaxTokens,
}

impl Default for ThinkerSettings {
    fn default() -> Self {
        Self {
            base_url: openai(),
            key: None,
            model: "gpt-4.1".to_owned(),
            temperature: None,
            reasoning_effort: None,
            token_limit: TokenLimit::MaxCompletionTokens,
            usage: true,
            preemptive: true,
            patience_ms: 10_000,
        }
    }
}

/// How to reach a model that transcribes.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TranscriberSettings {
    /// Where the server is, `/v1` included.
    pub base_url: Url,
    /// What opens it; servers of one's own need none. From the environment, never from a file.
    #[serde(skip)]
    pub key: Option<SecretString>,
    /// The model's id.
    pub model: String,
    /// The longest stretch of speech in one request; a longer one is cut into several.
    pub longest_utterance_ms: u64,
    /// How long one transcription may take.
    pub patience_ms: u64,
}

impl Default for TranscriberSettings {
    fn default() -> Self {
        Self {
            base_url: openai(),
            key: None,
            model: "gpt-4o-mini-transcribe".to_owned(),
            longest_utterance_ms: 30_000,
            patience_ms: 10_000,
        }
    }
}

/// How to reach a voice.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeakerSettings {
    /// Where the server is, `/v1` included.
    pub base_url: Url,
    /// What opens it; servers of one's own need none. From the environment, never from a file.
    #[serde(skip)]
    pub key: Option<SecretString>,
    /// The model's id.
    pub model: String,
    /// The voice, where a profile names none.
    pub voice: String,
    /// How to say it, for models that take directions.
    pub instructions: Option<String>,
    /// From 0.25 to 4; the server's own choice when there is none.
    pub speed: Option<f32>,
    /// The rate of the server's `pcm`: 24 kHz at OpenAI, other rates elsewhere.
    pub sample_rate: u32,
    /// The longest silence of the server, before the first byte and between two.
    pub patience_ms: u64,
}

impl Default for SpeakerSettings {
    fn default() -> Self {
        Self {
            base_url: openai(),
            key: None,
            model: "gpt-4o-mini-tts".to_owned(),
            voice: "alloy".to_owned(),
            instructions: None,
            speed: None,
            sample_rate: 24_000,
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
    /// Not a place that speaks HTTP.
    #[error("`base_url` must begin with http:// or https://")]
    BaseUrl,
    /// Too low or too high to be sound.
    #[error("`sample_rate` must lie between 8000 and 192000")]
    SampleRate,
    /// The HTTP client cannot be set up on this machine.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] BoxError),
}

/// The shortest patience that makes sense: the round trip to another continent.
const LEAST_PATIENCE: Duration = Duration::from_millis(250);

pub(crate) fn patience(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds).max(LEAST_PATIENCE)
}

fn openai() -> Url {
    Url::parse(OPENAI).expect("a constant that is a URL")
}
