//! What an operator says about the service.

use std::time::Duration;

use agent_contract::BoxError;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// How to reach the service and how it should listen.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TranscriberSettings {
    /// Where the service is; `https` and `wss` mean the same.
    pub base_url: Url,
    /// What opens it. From the environment, never from a file.
    #[serde(skip)]
    pub key: Option<SecretString>,
    /// The model's id.
    pub model: String,
    /// Whether speakers may change between languages; the profile's language otherwise.
    pub multilingual: bool,
    /// How much silence ends a stretch of speech.
    pub endpointing_ms: u32,
    /// How much silence ends a turn when noise hides the end of the stretch; at least a second.
    pub utterance_end_ms: u32,
    /// Whether numbers, dates and the like are written as people write them.
    pub smart_format: bool,
    /// How long the service may be silent when it owes an answer.
    pub patience_ms: u64,
    /// How often a connection without sound is kept alive; the service waits for ten seconds.
    pub keep_alive_ms: u64,
}

impl Default for TranscriberSettings {
    fn default() -> Self {
        Self {
            base_url: Url::parse("wss://api.deepgram.com/").expect("a constant that is a URL"),
            key: None,
            model: "nova-3".to_owned(),
            multilingual: false,
            endpointing_ms: 300,
            utterance_end_ms: 1_000,
            smart_format: true,
            patience_ms: 5_000,
            keep_alive_ms: 4_000,
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
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up")]
    Tls(#[source] BoxError),
}

/// The shortest patience that makes sense: the round trip to another continent.
const LEAST_PATIENCE: Duration = Duration::from_millis(250);

impl TranscriberSettings {
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms).max(LEAST_PATIENCE)
    }

    pub(crate) fn keep_alive(&self) -> Duration {
        Duration::from_millis(self.keep_alive_ms).max(LEAST_PATIENCE)
    }
}
