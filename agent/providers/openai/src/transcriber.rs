//! `/audio/transcriptions` as a transcriber: it hears a whole utterance at once.

use agent_contract::{
    HEARD_QUEUE, INPUT_QUEUE, ListenOptions, Listening, ProviderError, ProviderName, Transcriber,
    TranscriberCapabilities,
};
use async_trait::async_trait;
use room_media::SampleRate;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{SettingsError, TranscriberSettings, endpoint::Endpoint, settings};

mod hearing;
mod recording;
mod utterance;

use recording::Scribe;

/// What speech models are trained on.
const RATE: SampleRate = SampleRate::HZ_16000;

/// A model behind `/audio/transcriptions`.
#[derive(Debug)]
pub struct OpenAiTranscriber {
    endpoint: Endpoint,
    settings: TranscriberSettings,
}

impl OpenAiTranscriber {
    /// Makes a transcriber called `provider`. Nothing is sent before somebody has spoken.
    ///
    /// # Errors
    /// [`SettingsError`] says what to correct.
    pub fn new(
        provider: ProviderName,
        settings: TranscriberSettings,
    ) -> Result<Self, SettingsError> {
        let endpoint = Endpoint::new(
            provider,
            &settings.base_url,
            settings.key.as_ref(),
            settings::patience(settings.patience_ms),
        )?;
        Ok(Self { endpoint, settings })
    }
}

#[async_trait]
impl Transcriber for OpenAiTranscriber {
    fn name(&self) -> &ProviderName {
        &self.endpoint.provider
    }

    fn capabilities(&self) -> TranscriberCapabilities {
        TranscriberCapabilities {
            sample_rate: RATE,
            interim: false,
            end_of_turn: false,
            word_times: false,
        }
    }

    async fn listen(&self, options: ListenOptions) -> Result<Listening, ProviderError> {
        let (input, sound) = mpsc::channel(INPUT_QUEUE);
        let (heard_in, heard) = mpsc::channel(HEARD_QUEUE);
        let scribe = Scribe::new(&self.endpoint, &self.settings, &options);
        let longest = self.settings.longest_utterance_ms;
        let hearing = hearing::run(scribe, longest, sound, heard_in);
        Ok(Listening {
            input,
            heard,
            task: AbortOnDropHandle::new(tokio::task::spawn(hearing)),
        })
    }
}
