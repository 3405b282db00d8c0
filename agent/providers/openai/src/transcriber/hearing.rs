//! The loop of one listening: sound in, utterances out, texts back in the order they were spoken.

use std::time::Duration;

use agent_contract::{Heard, ProviderError, Transcript, TranscriptionInput};
use futures_util::{StreamExt as _, future::BoxFuture, stream::FuturesOrdered};
use tokio::sync::mpsc;

use super::{
    recording::{self, Scribe},
    utterance::Utterance,
};
use crate::failure::Failure;

/// Utterances on their way at once. When there are more, sound waits in its queue, and a full queue is the caller's
/// sign that nobody listens.
const MOST_UNDER_WAY: usize = 4;

type Events = mpsc::Sender<Result<Heard, ProviderError>>;

/// Listens until the sound ends, something fails, or nobody wants to know.
pub(super) async fn run(
    scribe: Scribe,
    longest_ms: u64,
    sound: mpsc::Receiver<TranscriptionInput>,
    heard: Events,
) {
    let provider = scribe.endpoint.provider.clone();
    let hearing = Hearing {
        utterance: Utterance::new(Duration::from_millis(longest_ms)),
        under_way: FuturesOrdered::new(),
        sound: Some(sound),
        heard: heard.clone(),
        scribe,
    };
    let outcome = tokio::select! {
        outcome = hearing.hear() => outcome,
        () = heard.closed() => return,
    };
    if let Err(failure) = outcome {
        // Nobody wants to know any more.
        let _ = heard.send(Err(failure.of(&provider))).await;
    }
}

struct Hearing {
    utterance: Utterance,
    under_way: FuturesOrdered<BoxFuture<'static, Result<Told, Failure>>>,
    /// Gone once it has ended.
    sound: Option<mpsc::Receiver<TranscriptionInput>>,
    heard: Events,
    scribe: Scribe,
}

/// What an utterance came to.
struct Told {
    transcript: Transcript,
    charged: Duration,
}

impl Hearing {
    async fn hear(mut self) -> Result<(), Failure> {
        loop {
            let has_room = self.under_way.len() < MOST_UNDER_WAY;
            tokio::select! {
                Some(told) = self.under_way.next() => self.tell(told?).await,
                input = next(&mut self.sound), if has_room => self.handle(input),
                else => return Ok(()),
            }
            if self.sound.is_none() && self.under_way.is_empty() {
                return Ok(());
            }
        }
    }

    fn handle(&mut self, input: Option<TranscriptionInput>) {
        match input {
            Some(TranscriptionInput::Audio(samples)) => {
                self.utterance.handle(&samples);
                if self.utterance.is_full() {
                    self.transcribe();
                }
            }
            Some(TranscriptionInput::Finalize) => self.transcribe(),
            None => {
                self.sound = None;
                if self.utterance.is_speech() {
                    self.transcribe();
                }
            }
        }
    }

    fn transcribe(&mut self) {
        let is_speech = self.utterance.is_speech();
        let samples = self.utterance.take();
        let scribe = self.scribe.clone();
        self.under_way.push_back(Box::pin(async move {
            // Models hear words in silence.
            if !is_speech {
                return Ok(Told {
                    transcript: Transcript::default(),
                    charged: Duration::ZERO,
                });
            }
            let charged = recording::duration(&samples);
            let transcript = scribe.transcribe(samples).await?;
            Ok(Told {
                transcript,
                charged,
            })
        }));
    }

    async fn tell(&mut self, told: Told) {
        // `run` ends all this when nobody wants to know.
        if !told.charged.is_zero() {
            let _ = self.heard.send(Ok(Heard::Charged(told.charged))).await;
        }
        let _ = self.heard.send(Ok(Heard::Final(told.transcript))).await;
    }
}

/// The next sound; waits for ever once it has ended.
async fn next(
    sound: &mut Option<mpsc::Receiver<TranscriptionInput>>,
) -> Option<TranscriptionInput> {
    match sound {
        Some(sound) => sound.recv().await,
        None => std::future::pending().await,
    }
}
