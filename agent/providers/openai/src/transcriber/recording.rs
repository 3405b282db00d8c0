//! One utterance, sent as a recording and read as text.

use std::{sync::Arc, time::Duration};

use agent_contract::{Language, ListenOptions, Transcript};
use async_openai::{
    Client,
    types::{
        InputSource,
        audio::{AudioInput, AudioResponseFormat, CreateTranscriptionRequest},
    },
};
use room_media::{Channels, Format, Frame, wav};
use serde_json::Value;
use tokio::time::timeout;

use super::RATE;
use crate::{
    TranscriberSettings,
    endpoint::{Address, Endpoint},
    failure::Failure,
};

/// Hints beyond this cost more than they help.
const MOST_KEYWORDS: usize = 100;

/// Writes down what recordings say. Cheap to clone.
#[derive(Clone)]
pub(super) struct Scribe {
    pub(super) endpoint: Endpoint,
    client: Client<Address>,
    model: Arc<str>,
    language: Language,
    prompt: Option<String>,
}

impl Scribe {
    pub(super) fn new(
        endpoint: &Endpoint,
        settings: &TranscriberSettings,
        options: &ListenOptions,
    ) -> Self {
        let keywords = &options.keywords[..options.keywords.len().min(MOST_KEYWORDS)];
        Self {
            client: endpoint.client(),
            endpoint: endpoint.clone(),
            model: settings.model.as_str().into(),
            language: options.language.clone(),
            prompt: (!keywords.is_empty()).then(|| keywords.join(", ")),
        }
    }

    /// Returns what is said in the sound.
    pub(super) async fn transcribe(self, samples: Vec<i16>) -> Result<Transcript, Failure> {
        let request = CreateTranscriptionRequest {
            file: AudioInput {
                source: InputSource::Bytes {
                    filename: "utterance.wav".to_owned(),
                    bytes: recording(samples)?.into(),
                },
            },
            model: self.model.to_string(),
            language: Some(self.language.primary().to_owned()),
            prompt: self.prompt,
            response_format: Some(AudioResponseFormat::Json),
            ..CreateTranscriptionRequest::default()
        };
        let audio = self.client.audio();
        let transcriptions = audio.transcription();
        // Raw, because the library writes what it cannot read into the log.
        let asking = transcriptions.create_raw(request);
        let patience = self.endpoint.patience;
        let answer = timeout(patience, asking)
            .await
            .map_err(|_| Failure::Stalled(patience))??;
        read(&answer)
    }
}

/// Returns how long a recording is.
pub(super) fn duration(samples: &[i16]) -> Duration {
    RATE.duration_of(samples.len())
}

fn recording(samples: Vec<i16>) -> Result<Vec<u8>, Failure> {
    let format = Format {
        rate: RATE,
        channels: Channels::Mono,
    };
    let frame = Frame::new(format, 0, samples).map_err(|_| Failure::Unsendable)?;
    wav::write(&frame).map_err(|_| Failure::Unsendable)
}

fn read(answer: &[u8]) -> Result<Transcript, Failure> {
    let answer: Value = serde_json::from_slice(answer)
        .map_err(|_| Failure::Nonsense("a transcript is not JSON"))?;
    let text = answer["text"]
        .as_str()
        .ok_or(Failure::Nonsense("a transcript has no text"))?;
    Ok(Transcript::of(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_text_is_no_transcript() {
        assert_eq!(
            read(b"{\"text\":\" Hello. \",\"usage\":1}").unwrap(),
            Transcript::of("Hello.")
        );
        assert!(read(b"{\"error\":\"no\"}").is_err());
        assert!(read(b"<html>").is_err());
    }
}
