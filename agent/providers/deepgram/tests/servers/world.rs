//! What the tests share: a server, an adapter for it, and a voice.

use std::{f64::consts::TAU, sync::Arc};

use agent_contract::ProviderName;
use agent_providers_deepgram::{DeepgramTranscriber, TranscriberSettings};
use tests_fakes::Deepgram;

/// Not a key of anybody.
pub(crate) const KEY: &str = "dg-test-1234";

pub(crate) async fn server() -> Arc<Deepgram> {
    Arc::new(Deepgram::start().await.unwrap())
}

pub(crate) fn settings(server: &Deepgram, patience_ms: u64) -> TranscriberSettings {
    TranscriberSettings {
        base_url: server.url(),
        key: Some(KEY.into()),
        patience_ms,
        ..TranscriberSettings::default()
    }
}

pub(crate) fn transcriber(settings: TranscriberSettings) -> DeepgramTranscriber {
    DeepgramTranscriber::new(ProviderName::new("cloud"), settings).unwrap()
}

/// So many seconds that are clearly no silence.
pub(crate) fn speech(seconds: f64) -> Vec<i16> {
    let tone = (0..(seconds * 16_000.0) as u32)
        .map(|n| (f64::from(n) / 16_000.0 * 300.0 * TAU).sin() * 6_000.0);
    tone.map(|sample| sample as i16).collect()
}
