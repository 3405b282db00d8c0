//! People who bring a transcriber of their own, such as their browser's speech recognition.

use std::sync::{Mutex, PoisonError};

use agent_contract::{
    Heard, INPUT_QUEUE, ListenOptions, Listening, ProviderError, ProviderName, Transcriber,
    TranscriberCapabilities, Transcript,
};
use async_trait::async_trait;
use room_media::SampleRate;
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// The topic of what somebody's own transcriber tells, as JSON: `{"hears":true}` when it begins to listen in place of the
/// agent's, `{"hears":false}` when it ends, and in between `{"text":"…","final":false}`, where an interim replaces the
/// one before.
pub(crate) const WORDS: &str = "patchbay.heard";

/// Bytes of one message: minutes of speech.
const LONGEST: usize = 8_000;

/// Words that wait to be taken; when there are more, the newest are lost.
const WAITING: usize = 32;

/// What somebody's own transcriber tells.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Message {
    /// It listens, or does so no longer.
    Hears { hears: bool },
    /// It has understood something.
    Words {
        text: String,
        #[serde(default, rename = "final")]
        is_final: bool,
    },
}

impl Message {
    /// Reads a message; what cannot be read says nothing.
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        if payload.len() > LONGEST {
            tracing::debug!(bytes = payload.len(), "somebody's own words are too long");
            return None;
        }
        serde_json::from_slice(payload)
            .inspect_err(|error| {
                let error = error as &dyn std::error::Error;
                tracing::debug!(error, "somebody's own words cannot be read");
            })
            .ok()
    }
}

/// Where one person's own words come in.
pub(super) struct Words(mpsc::Sender<Result<Heard, ProviderError>>);

impl Words {
    pub(super) fn take_in(&self, text: String, is_final: bool) {
        let transcript = Transcript::of(text);
        let heard = if is_final {
            Heard::Final(transcript)
        } else {
            Heard::Interim(transcript)
        };
        if self.0.try_send(Ok(heard)).is_err() {
            tracing::debug!("somebody's own words come too fast");
        }
    }
}

/// One person's own transcriber. The sound it is given goes nowhere: it hears by itself.
pub(super) struct OwnTranscriber {
    name: ProviderName,
    words: Mutex<Option<mpsc::Receiver<Result<Heard, ProviderError>>>>,
}

impl OwnTranscriber {
    pub(super) fn new() -> (Self, Words) {
        let (sender, words) = mpsc::channel(WAITING);
        let transcriber = Self {
            name: ProviderName::new("own"),
            words: Mutex::new(Some(words)),
        };
        (transcriber, Words(sender))
    }
}

#[async_trait]
impl Transcriber for OwnTranscriber {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> TranscriberCapabilities {
        TranscriberCapabilities {
            sample_rate: SampleRate::HZ_16000,
            interim: true,
            end_of_turn: false,
            word_times: false,
        }
    }

    async fn listen(&self, _options: ListenOptions) -> Result<Listening, ProviderError> {
        let words = self
            .words
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let heard = words.ok_or_else(|| ProviderError::Unavailable {
            provider: self.name.clone(),
            retry_after: None,
            source: "somebody listens to it already".into(),
        })?;
        let (input, mut sound) = mpsc::channel(INPUT_QUEUE);
        let task = tokio::spawn(async move { while sound.recv().await.is_some() {} });
        Ok(Listening {
            input,
            heard,
            task: AbortOnDropHandle::new(task),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_and_whether_it_listens_are_told_apart() {
        let words = |text: &str, is_final| {
            let text = text.to_owned();
            Some(Message::Words { text, is_final })
        };
        assert_eq!(
            Message::read(br#"{"hears":true}"#),
            Some(Message::Hears { hears: true })
        );
        assert_eq!(Message::read(br#"{"text":"a"}"#), words("a", false));
        assert_eq!(
            Message::read(br#"{"text":"a","final":true}"#),
            words("a", true)
        );
        assert_eq!(Message::read(br#"{"words":"a"}"#), None);
        assert_eq!(Message::read(&vec![b' '; LONGEST + 1]), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_not(payload: Vec<u8>) {
            let _ = Message::read(&payload);
        }
    }
}
