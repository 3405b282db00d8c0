//! What the tests share: a server and an adapter for it.

use std::sync::Arc;

use agent_contract::ProviderName;
use agent_providers_elevenlabs::{ElevenLabsSpeaker, SpeakerSettings};
use tests_fakes::ElevenLabs;

/// Not a key of anybody.
pub(crate) const KEY: &str = "xi-test-1234";

pub(crate) async fn server() -> Arc<ElevenLabs> {
    Arc::new(ElevenLabs::start().await.unwrap())
}

pub(crate) fn settings(server: &ElevenLabs, patience_ms: u64) -> SpeakerSettings {
    SpeakerSettings {
        base_url: server.url(),
        key: Some(KEY.into()),
        voice: Some("a-voice".to_owned()),
        patience_ms,
        ..SpeakerSettings::default()
    }
}

pub(crate) fn speaker(settings: SpeakerSettings) -> ElevenLabsSpeaker {
    ElevenLabsSpeaker::new(ProviderName::new("cloud"), settings).unwrap()
}
