//! `/v1/text-to-speech/{voice}/stream-input` as a speaker.

use std::sync::Arc;

use agent_contract::{
    ProviderError, ProviderName, SPEECH_QUEUE, SpeakOptions, Speaker, SpeakerCapabilities, Speech,
    TEXT_QUEUE,
};
use agent_wire::{Failure, Socket, tls};
use async_trait::async_trait;
use http::{HeaderValue, Request};
use room_media::SampleRate;
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::{SettingsError, SpeakerSettings, dialect::ElevenLabs};

mod alignment;
mod pcm;
mod pieces;
mod reply;

/// The rates of `pcm_…`.
const RATES: &[u32] = &[8_000, 16_000, 22_050, 24_000, 44_100];

/// A model may think for long before its first word: the longest that the service waits.
const INACTIVITY: &str = "180";

/// A voice, one connection for each reply.
#[derive(Debug)]
pub struct ElevenLabsSpeaker {
    provider: ProviderName,
    settings: SpeakerSettings,
    rate: SampleRate,
    address: Url,
    key: Option<HeaderValue>,
    tls: Arc<ClientConfig>,
}

impl ElevenLabsSpeaker {
    /// Makes a speaker called `provider`. It connects when it speaks.
    ///
    /// # Errors
    /// [`SettingsError`] says what to correct.
    pub fn new(provider: ProviderName, settings: SpeakerSettings) -> Result<Self, SettingsError> {
        let key = settings.key.as_ref().map(|key| {
            let mut value =
                HeaderValue::try_from(key.expose_secret()).map_err(|_| SettingsError::Key)?;
            value.set_sensitive(true);
            Ok(value)
        });
        let schedule = &settings.chunk_length_schedule;
        if schedule.is_empty() || schedule.iter().any(|length| !(50..=500).contains(length)) {
            return Err(SettingsError::Schedule);
        }
        if !RATES.contains(&settings.sample_rate) {
            return Err(SettingsError::SampleRate);
        }
        Ok(Self {
            rate: SampleRate::new(settings.sample_rate).map_err(|_| SettingsError::SampleRate)?,
            address: address(&settings.base_url).ok_or(SettingsError::BaseUrl)?,
            key: key.transpose()?,
            tls: Arc::new(tls::client().map_err(|error| SettingsError::Tls(error.into()))?),
            provider,
            settings,
        })
    }

    fn request(&self, voice: &str, options: &SpeakOptions) -> Result<Request<()>, Failure> {
        let mut address = self.address.clone();
        if let Ok(mut path) = address.path_segments_mut() {
            path.extend(["v1", "text-to-speech", voice, "stream-input"]);
        }
        let mut query = address.query_pairs_mut();
        query
            .append_pair("model_id", &self.settings.model)
            .append_pair("output_format", &format!("pcm_{}", self.rate.hertz()))
            .append_pair("inactivity_timeout", INACTIVITY)
            .append_pair("sync_alignment", "true");
        if self.settings.names_language {
            query.append_pair("language_code", options.language.primary());
        }
        drop(query);
        let mut request = address
            .as_str()
            .into_client_request()
            .map_err(|_| Failure::Unsendable)?;
        if let Some(key) = &self.key {
            request.headers_mut().insert("xi-api-key", key.clone());
        }
        Ok(request)
    }

    /// The first message: one space, and how to say what follows.
    fn opening(&self) -> Message {
        let settings = &self.settings;
        let chosen = [
            ("stability", settings.stability),
            ("similarity_boost", settings.similarity_boost),
            ("speed", settings.speed),
        ];
        let chosen: Map<String, Value> = chosen
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
            .collect();
        let mut opening = json!({
            "text": " ",
            "generation_config": { "chunk_length_schedule": settings.chunk_length_schedule },
        });
        if !chosen.is_empty() {
            opening["voice_settings"] = Value::Object(chosen);
        }
        Message::text(opening.to_string())
    }
}

#[async_trait]
impl Speaker for ElevenLabsSpeaker {
    fn name(&self) -> &ProviderName {
        &self.provider
    }

    fn capabilities(&self) -> SpeakerCapabilities {
        SpeakerCapabilities {
            sample_rate: self.rate,
            takes_words: true,
            word_times: true,
        }
    }

    async fn speak(&self, options: SpeakOptions) -> Result<Speech, ProviderError> {
        let blame = |failure: Failure| failure.of(&self.provider);
        let voice = options.voice.as_deref().or(self.settings.voice.as_deref());
        let voice = voice.ok_or_else(|| ProviderError::Missing {
            provider: self.provider.clone(),
            remedy: "name the id of a voice, in the profile or as `voice`".to_owned(),
        })?;
        let request = self.request(voice, &options).map_err(blame)?;
        let mut socket = Socket::connect(request, Arc::clone(&self.tls), &ElevenLabs)
            .await
            .map_err(blame)?;
        socket.send(self.opening()).await.map_err(blame)?;

        let (input, texts) = mpsc::channel(TEXT_QUEUE);
        let (spoken_in, spoken) = mpsc::channel(SPEECH_QUEUE);
        let saying = reply::Saying {
            provider: self.provider.clone(),
            patience: self.settings.patience(),
            rate: self.rate,
        };
        let speaking = reply::run(saying, socket, texts, spoken_in);
        Ok(Speech {
            input,
            spoken,
            task: AbortOnDropHandle::new(tokio::task::spawn(speaking)),
        })
    }
}

/// The base in the spelling of sockets, ready for more segments.
fn address(base: &Url) -> Option<Url> {
    let mut address = base.clone();
    let scheme = match base.scheme() {
        "wss" | "https" => "wss",
        "ws" | "http" => "ws",
        _ => return None,
    };
    address.set_scheme(scheme).ok()?;
    address.path_segments_mut().ok()?.pop_if_empty();
    Some(address)
}
