//! `/v1/listen` as a transcriber.

use std::sync::Arc;

use agent_contract::{
    HEARD_QUEUE, INPUT_QUEUE, ListenOptions, Listening, ProviderError, ProviderName, Transcriber,
    TranscriberCapabilities,
};
use agent_wire::{Failure, Socket, tls};
use async_trait::async_trait;
use http::{HeaderValue, Request, header::AUTHORIZATION};
use room_media::SampleRate;
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::{SettingsError, TranscriberSettings, dialect::Deepgram};

mod hearing;
mod results;

/// What speech models are trained on.
const RATE: SampleRate = SampleRate::HZ_16000;

/// The service takes no more terms in one address.
const MOST_KEYTERMS: usize = 100;

/// Live transcription, one connection for each speaker.
#[derive(Debug)]
pub struct DeepgramTranscriber {
    provider: ProviderName,
    settings: TranscriberSettings,
    address: Url,
    key: Option<HeaderValue>,
    tls: Arc<ClientConfig>,
}

impl DeepgramTranscriber {
    /// Makes a transcriber called `provider`. It connects when it listens.
    ///
    /// # Errors
    /// [`SettingsError`] says what to correct.
    pub fn new(
        provider: ProviderName,
        settings: TranscriberSettings,
    ) -> Result<Self, SettingsError> {
        let key = settings.key.as_ref().map(|key| {
            let token = format!("Token {}", key.expose_secret());
            let mut value = HeaderValue::try_from(token).map_err(|_| SettingsError::Key)?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Self {
            address: address(&settings.base_url).ok_or(SettingsError::BaseUrl)?,
            key: key.transpose()?,
            tls: Arc::new(tls::client().map_err(|error| SettingsError::Tls(error.into()))?),
            provider,
            settings,
        })
    }

    fn request(&self, options: &ListenOptions) -> Result<Request<()>, Failure> {
        let mut address = self.address.clone();
        let settings = &self.settings;
        let language = if settings.multilingual {
            "multi"
        } else {
            options.language.as_str()
        };
        address
            .query_pairs_mut()
            .append_pair("model", &settings.model)
            .append_pair("encoding", "linear16")
            .append_pair("sample_rate", &RATE.hertz().to_string())
            .append_pair("channels", "1")
            .append_pair("language", language)
            .append_pair("interim_results", "true")
            .append_pair("endpointing", &settings.endpointing_ms.to_string())
            .append_pair("utterance_end_ms", &settings.utterance_end_ms.to_string())
            .append_pair("vad_events", "true")
            .append_pair(
                "smart_format",
                if settings.smart_format {
                    "true"
                } else {
                    "false"
                },
            )
            .extend_pairs(self.keyterms(options));
        let mut request = address
            .as_str()
            .into_client_request()
            .map_err(|_| Failure::Unsendable)?;
        if let Some(key) = &self.key {
            request.headers_mut().insert(AUTHORIZATION, key.clone());
        }
        Ok(request)
    }

    /// Newer models take plain terms, older ones words.
    fn keyterms<'a>(
        &self,
        options: &'a ListenOptions,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let name = if self.settings.model.starts_with("nova-3") {
            "keyterm"
        } else {
            "keywords"
        };
        let terms = options.keywords.iter().take(MOST_KEYTERMS);
        terms.map(move |term| (name, term.as_str()))
    }
}

#[async_trait]
impl Transcriber for DeepgramTranscriber {
    fn name(&self) -> &ProviderName {
        &self.provider
    }

    fn capabilities(&self) -> TranscriberCapabilities {
        TranscriberCapabilities {
            sample_rate: RATE,
            interim: true,
            end_of_turn: true,
            word_times: false,
        }
    }

    async fn listen(&self, options: ListenOptions) -> Result<Listening, ProviderError> {
        let blame = |failure: Failure| failure.of(&self.provider);
        let request = self.request(&options).map_err(blame)?;
        let socket = Socket::connect(request, Arc::clone(&self.tls), &Deepgram)
            .await
            .map_err(blame)?;
        let (input, sound) = mpsc::channel(INPUT_QUEUE);
        let (heard_in, heard) = mpsc::channel(HEARD_QUEUE);
        let hearing = hearing::run(
            self.provider.clone(),
            self.settings.clone(),
            socket,
            sound,
            heard_in,
        );
        Ok(Listening {
            input,
            heard,
            task: AbortOnDropHandle::new(tokio::task::spawn(hearing)),
        })
    }
}

/// The address of live transcription, for a base in any of the four spellings.
fn address(base: &Url) -> Option<Url> {
    let mut address = base.clone();
    let scheme = match base.scheme() {
        "wss" | "https" => "wss",
        "ws" | "http" => "ws",
        _ => return None,
    };
    address.set_scheme(scheme).ok()?;
    address
        .path_segments_mut()
        .ok()?
        .pop_if_empty()
        .extend(["v1", "listen"]);
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_same_in_every_spelling() {
        let of = |base: &str| address(&Url::parse(base).unwrap()).map(String::from);

        assert_eq!(
            of("wss://dg.test/").as_deref(),
            Some("wss://dg.test/v1/listen")
        );
        assert_eq!(
            of("https://dg.test").as_deref(),
            Some("wss://dg.test/v1/listen")
        );
        assert_eq!(
            of("http://10.0.0.1:8080/dg/").as_deref(),
            Some("ws://10.0.0.1:8080/dg/v1/listen")
        );
        assert_eq!(of("ftp://dg.test"), None);
    }
}
