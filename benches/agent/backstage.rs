//! The providers: fakes on loopback sockets that take a fixed time, and what they wrote down.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use agent_contract::{
    ProviderName, Speaker, Thinker, Transcriber,
    chain::{Candidate, Chain, Ledger, Settings},
    probe::Provider,
};
use agent_providers_deepgram::{self as deepgram, DeepgramTranscriber};
use agent_providers_openai::{self as openai, OpenAiSpeaker, OpenAiThinker};
use agent_session::Providers;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use tests_fakes::{Conduct, Deepgram, Entry, Journal, OpenAi};
use url::Url;

/// What a caller asks, as far as the transcriber is concerned.
const QUESTION: &str = "When do you open today?";

/// How long the providers take, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delays {
    /// How much silence the transcriber wants to hear before it calls a turn over.
    pub(crate) silence: u32,
    /// How long it takes from there to the words.
    pub(crate) transcript: u64,
    /// From a question to the model's first token.
    pub(crate) thinker: u64,
    /// From a token to the next one.
    pub(crate) token: u64,
    /// From a text to its first sound.
    pub(crate) speaker: u64,
}

impl Delays {
    /// Returns what they add to every answer, but for the writing of the first piece.
    pub(crate) fn sum(self) -> f64 {
        f64::from(self.silence) + (self.transcript + self.thinker + self.speaker) as f64
    }
}

/// A transcriber, a thinker and a speaker. They end when this is dropped.
pub(crate) struct Backstage {
    transcriber: Deepgram,
    thinker: OpenAi,
    speaker: OpenAi,
    delays: Delays,
}

impl Backstage {
    /// Opens three servers; the thinker answers everything with `reply`.
    pub(crate) async fn open(delays: Delays, reply: &str) -> Result<Self> {
        let conduct = |first: u64| Conduct {
            first: Duration::from_millis(first),
            checks: false,
            ..Conduct::default()
        };
        let transcriber = Deepgram::start_on(0, conduct(delays.transcript)).await?;
        transcriber.always_hears(QUESTION);
        let rate = (delays.token > 0).then(|| 1_000.0 / delays.token as f64);
        let thinking = Conduct {
            tokens_per_second: rate,
            ..conduct(delays.thinker)
        };
        let thinker = OpenAi::start_on(0, thinking).await?;
        thinker.always_says(reply);
        Ok(Self {
            transcriber,
            thinker,
            speaker: OpenAi::start_on(0, conduct(delays.speaker)).await?,
            delays,
        })
    }

    pub(crate) fn addresses(&self) -> Addresses {
        Addresses {
            transcriber: self.transcriber.url(),
            thinker: self.thinker.url(),
            speaker: self.speaker.url(),
            silence: self.delays.silence,
        }
    }

    /// Returns how many connections and requests are open.
    pub(crate) fn open_now(&self) -> usize {
        self.transcriber.open() + self.thinker.open() + self.speaker.open()
    }

    /// Returns what happened at the providers between a caller's last word and the agent's first.
    pub(crate) fn tale(&self, ended: Instant, heard: Instant) -> Option<Tale> {
        let journals = [
            &self.transcriber.journal(),
            &self.thinker.journal(),
            &self.speaker.journal(),
        ];
        Tale::read(journals, self.delays, (ended, heard))
    }
}

/// Where the providers are, for the process of the agents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Addresses {
    transcriber: Url,
    thinker: Url,
    speaker: Url,
    silence: u32,
}

impl Addresses {
    /// Makes the real adapters, in chains as the server makes them.
    pub(crate) fn adapters(&self) -> Result<Providers> {
        let transcriber: Arc<dyn Transcriber> = Arc::new(DeepgramTranscriber::new(
            ProviderName::new("hears"),
            deepgram::TranscriberSettings {
                base_url: self.transcriber.clone(),
                endpointing_ms: self.silence,
                ..deepgram::TranscriberSettings::default()
            },
        )?);
        let thinker: Arc<dyn Thinker> = Arc::new(OpenAiThinker::new(
            ProviderName::new("thinks"),
            openai::ThinkerSettings {
                base_url: self.thinker.clone(),
                ..openai::ThinkerSettings::default()
            },
        )?);
        let speaker: Arc<dyn Speaker> = Arc::new(OpenAiSpeaker::new(
            ProviderName::new("speaks"),
            openai::SpeakerSettings {
                base_url: self.speaker.clone(),
                ..openai::SpeakerSettings::default()
            },
        )?);
        Ok(Providers {
            transcriber: Arc::new(chain(transcriber)?),
            thinker: Arc::new(chain(thinker)?),
            speaker: Arc::new(chain(speaker)?),
            spare_speaker: None,
        })
    }
}

fn chain<P: Provider + ?Sized>(provider: Arc<P>) -> Result<Chain<P>> {
    let chain = Chain::new(vec![Candidate::new(provider)], Settings::default())?;
    Ok(chain.for_call(Arc::new(Ledger::default())))
}

/// One turn, as the providers saw it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tale {
    /// The transcriber got the caller's last voiced sound.
    pub(crate) voice: Instant,
    /// It told the words, and that they were all.
    pub(crate) words: Instant,
    /// The thinker was asked.
    pub(crate) asked: Instant,
    /// It told its first token,
    pub(crate) token: Instant,
    /// and the token with which the first piece was complete.
    pub(crate) piece: Instant,
    /// The speaker was asked for the first piece.
    pub(crate) text: Instant,
    /// It sent the first sound.
    pub(crate) sound: Instant,
}

impl Tale {
    fn read(
        [transcriber, thinker, speaker]: [&Journal; 3],
        delays: Delays,
        (ended, heard): (Instant, Instant),
    ) -> Option<Self> {
        // What the resampler holds back may come a little before the last block was handed over.
        let around =
            |entry: &&Entry| entry.at + Duration::from_millis(100) >= ended && entry.at <= heard;
        let all = |journal: &Journal, kind: &str| -> Vec<Entry> {
            let entries = journal.entries().filter(around);
            entries
                .filter(|entry| entry.kind == kind)
                .cloned()
                .collect()
        };
        let voice = all(transcriber, "last voice").last()?.at;
        let results = all(transcriber, "ListenV1_ListenV1Results");
        let words = results
            .iter()
            .find(|entry| entry.content["speech_final"] == true)?;
        let asked = all(thinker, "CreateChatCompletionRequest").last()?.at;
        let spoken = all(speaker, "CreateSpeechRequest");
        let text = spoken.iter().find(|entry| entry.at >= asked)?;
        let sound = all(speaker, "sound")
            .into_iter()
            .find(|entry| entry.at >= text.at)?;
        let tokens = all(thinker, "CreateChatCompletionStreamResponse");
        let (token, piece) = writing(&tokens, asked, text.content["input"].as_str()?)?;
        Some(Self {
            voice,
            words: words.at + Duration::from_millis(delays.transcript),
            asked,
            token,
            piece,
            text: text.at,
            sound: sound.at,
        })
    }
}

/// Returns when the first token was told, and the one that completes `piece`.
fn writing(tokens: &[Entry], asked: Instant, piece: &str) -> Option<(Instant, Instant)> {
    let mut first = None;
    let mut written = String::new();
    for entry in tokens.iter().filter(|entry| entry.at >= asked) {
        let Some(text) = entry.content["choices"][0]["delta"]["content"].as_str() else {
            continue;
        };
        if text.is_empty() {
            continue;
        }
        first.get_or_insert(entry.at);
        written.push_str(text);
        if written.trim().len() >= piece.trim().len() {
            return Some((first?, entry.at));
        }
    }
    None
}
