//! `/audio/speech` as a speaker.

use agent_contract::{
    ProviderError, ProviderName, SPEECH_QUEUE, SpeakOptions, Speaker, SpeakerCapabilities, Speech,
    TEXT_QUEUE,
};
use async_trait::async_trait;
use room_media::SampleRate;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{SettingsError, SpeakerSettings, endpoint::Endpoint, settings};

mod clause;
mod pcm;
mod reply;

use clause::Voice;

/// A voice behind `/audio/speech`.
#[derive(Debug)]
pub struct OpenAiSpeaker {
    endpoint: Endpoint,
    settings: SpeakerSettings,
    rate: SampleRate,
}

impl OpenAiSpeaker {
    /// Makes a speaker called `provider`. Nothing is sent before it speaks.
    ///
    /// # Errors
    /// [`SettingsError`] says what to correct.
    pub fn new(provider: ProviderName, settings: SpeakerSettings) -> Result<Self, SettingsError> {
        let endpoint = Endpoint::new(
            provider,
            &settings.base_url,
            settings.key.as_ref(),
            settings::patience(settings.patience_ms),
        )?;
        Ok(Self {
            rate: SampleRate::new(settings.sample_rate).map_err(|_| SettingsError::SampleRate)?,
            endpoint,
            settings,
        })
    }
}

#[async_trait]
impl Speaker for OpenAiSpeaker {
    fn name(&self) -> &ProviderName {
        &self.endpoint.provider
    }

    fn capabilities(&self) -> SpeakerCapabilities {
        SpeakerCapabilities {
            sample_rate: self.rate,
            takes_words: false,
            word_times: false,
        }
    }

    async fn speak(&self, options: SpeakOptions) -> Result<Speech, ProviderError> {
        let (input, texts) = mpsc::channel(TEXT_QUEUE);
        let (spoken_in, spoken) = mpsc::channel(SPEECH_QUEUE);
        let voice = Voice {
            endpoint: self.endpoint.clone(),
            settings: self.settings.clone(),
            rate: self.rate,
            voice: options.voice,
        };
        let speaking = reply::run(voice, texts, spoken_in);
        Ok(Speech {
            input,
            spoken,
            task: AbortOnDropHandle::new(tokio::task::spawn(speaking)),
        })
    }
}
