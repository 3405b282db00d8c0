//! One clause: asked for, and read as it comes.

use std::{sync::Arc, time::Duration};

use async_openai::types::audio::{
    CreateSpeechRequest, SpeechModel, SpeechResponseFormat, Voice as VoiceName,
};
use bytes::Bytes;
use http::{HeaderMap, header::CONTENT_TYPE};
use reqwest::Response;
use room_media::SampleRate;
use tokio::time::timeout;

use super::pcm::Pcm;
use crate::{SpeakerSettings, endpoint::Endpoint, failure::Failure};

/// Nobody speaks slower than this, pauses included: a server that does will never end.
const LONGEST_CHARACTER: Duration = Duration::from_millis(500);
/// A clause may begin and end with silence.
const LONGEST_PAUSES: Duration = Duration::from_secs(5);

/// How a reply is spoken.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) endpoint: Endpoint,
    pub(super) settings: SpeakerSettings,
    pub(super) rate: SampleRate,
    pub(super) voice: Option<Arc<str>>,
}

impl Voice {
    /// Asks for a clause; returns once its first bytes are there.
    pub(super) async fn ask(&self, text: Arc<str>) -> Result<Clause, Failure> {
        let settings = &self.settings;
        let voice = self.voice.as_deref().unwrap_or(&settings.voice);
        let request = CreateSpeechRequest {
            input: text.to_string(),
            model: SpeechModel::Other(settings.model.clone()),
            voice: VoiceName::Other(voice.to_owned()),
            instructions: settings.instructions.clone(),
            response_format: Some(SpeechResponseFormat::Pcm),
            speed: settings.speed,
            stream_format: None,
        };
        // The library reads speech to its end before it hands it over, so the request goes its own way.
        let request = self.endpoint.post("/audio/speech").json(&request).build()?;
        let answer = self.endpoint.gate.send(request).await?;
        check(answer.headers(), self.rate)?;
        let longest = LONGEST_PAUSES + LONGEST_CHARACTER * text.chars().count() as u32;
        Ok(Clause {
            answer,
            pcm: Pcm::new(self.rate),
            left: self.rate.samples_in(longest),
            patience: self.endpoint.patience,
        })
    }
}

/// A clause being spoken.
#[derive(Debug)]
pub(super) struct Clause {
    answer: Response,
    pcm: Pcm,
    left: usize,
    patience: Duration,
}

impl Clause {
    /// Returns the next samples, none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<i16>>, Failure> {
        loop {
            let Some(bytes) = self.bytes().await? else {
                return Ok(None);
            };
            let is_first = self.pcm.is_new();
            if is_first && is_container(&bytes) {
                return Err(Failure::Nonsense(
                    "a sound file where samples were asked for",
                ));
            }
            let samples = self.pcm.handle(&bytes);
            self.left = self
                .left
                .checked_sub(samples.len())
                .ok_or(Failure::Nonsense("it does not end"))?;
            if !samples.is_empty() {
                return Ok(Some(samples));
            }
        }
    }

    /// Returns what was kept back for the end.
    pub(super) fn rest(&mut self) -> Vec<i16> {
        self.pcm.rest()
    }

    async fn bytes(&mut self) -> Result<Option<Bytes>, Failure> {
        let next = timeout(self.patience, self.answer.chunk()).await;
        Ok(next.map_err(|_| Failure::Stalled(self.patience))??)
    }
}

/// What is said to be no sound, or sound at another rate, must not be played as noise.
fn check(headers: &HeaderMap, rate: SampleRate) -> Result<(), Failure> {
    let Some(kind) = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return Ok(());
    };
    let kind = kind.to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let packed = [
        "audio/mpeg",
        "audio/mp3",
        "audio/wav",
        "audio/x-wav",
        "audio/ogg",
        "audio/flac",
        "audio/aac",
    ];
    if media.starts_with("text/") || media == "application/json" || packed.contains(&media) {
        return Err(Failure::Nonsense(
            "something else where samples were asked for",
        ));
    }
    let told = parts.find_map(|part| part.strip_prefix("rate=")?.parse::<u32>().ok());
    match told {
        Some(told) if told != rate.hertz() => Err(Failure::Nonsense("sound of another rate")),
        Some(_) | None => Ok(()),
    }
}

fn is_container(bytes: &[u8]) -> bool {
    [&b"RIFF"[..], b"OggS", b"fLaC", b"ID3"]
        .iter()
        .any(|magic| bytes.starts_with(magic))
}
