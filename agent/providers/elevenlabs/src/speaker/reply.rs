//! The loop of one reply: words out, sound in, and patience.

use std::time::Duration;

use agent_contract::{ProviderError, ProviderName, SpeechEvent, SpeechInput, Spoken};
use agent_wire::{Failure, Socket};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use room_media::SampleRate;
use serde_json::{Value, json};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::Message;

use super::{alignment::Words, pcm::Pcm, pieces::Pieces};
use crate::dialect;

/// Nobody speaks slower than this, pauses included: a service that does will never end.
const LONGEST_CHARACTER: Duration = Duration::from_millis(500);
/// Even a short reply has silence around it.
const LONGEST_PAUSES: Duration = Duration::from_secs(10);

type Events = mpsc::Sender<Result<SpeechEvent, ProviderError>>;

/// Who speaks, and how long it may be silent.
pub(super) struct Saying {
    pub(super) provider: ProviderName,
    pub(super) patience: Duration,
    pub(super) rate: SampleRate,
}

/// Speaks until all is spoken, something fails, or nobody listens.
pub(super) async fn run(
    saying: Saying,
    socket: Socket,
    texts: mpsc::Receiver<SpeechInput>,
    spoken: Events,
) {
    let provider = saying.provider.clone();
    let reply = Reply {
        saying,
        socket,
        texts: Some(texts),
        spoken: spoken.clone(),
        pieces: Pieces::default(),
        pcm: Pcm::default(),
        words: Words::default(),
        written: 0,
        charged: 0,
        samples: 0,
        owed: None,
    };
    let outcome = tokio::select! {
        outcome = reply.speak() => outcome,
        () = spoken.closed() => return,
    };
    let last = outcome
        .map(|()| SpeechEvent::Finished)
        .map_err(|failure| failure.of(&provider));
    // Nobody listens any more.
    let _ = spoken.send(last).await;
}

struct Reply {
    saying: Saying,
    socket: Socket,
    /// Gone once all was said.
    texts: Option<mpsc::Receiver<SpeechInput>>,
    spoken: Events,
    pieces: Pieces,
    pcm: Pcm,
    words: Words,
    /// Characters sent and charged for.
    written: u64,
    charged: u64,
    /// How much sound came.
    samples: usize,
    /// When to stop waiting for sound that was asked for.
    owed: Option<Instant>,
}

impl Reply {
    async fn speak(mut self) -> Result<(), Failure> {
        loop {
            let patience = self.owed;
            tokio::select! {
                biased;
                text = self.socket.next() => {
                    let is_over = match text? {
                        Some(text) => self.handle_message(&text).await?,
                        None if self.texts.is_none() => true,
                        None => return Err(Failure::Broken),
                    };
                    if is_over {
                        self.finish().await;
                        return Ok(());
                    }
                }
                input = next(&mut self.texts) => {
                    let is_over = self.handle_input(input).await?;
                    if is_over {
                        return Ok(());
                    }
                }
                () = at(patience) => return Err(Failure::Stalled(self.saying.patience)),
            }
        }
    }

    /// Returns whether there is nothing to wait for.
    async fn handle_input(&mut self, input: Option<SpeechInput>) -> Result<bool, Failure> {
        match input {
            Some(SpeechInput::Text(text)) => {
                if let Some(words) = self.pieces.handle(&text) {
                    self.write(&words, false).await?;
                }
            }
            Some(SpeechInput::Flush) => {
                if let Some(rest) = self.pieces.rest() {
                    self.pieces.take_open();
                    self.write(&rest, true).await?;
                } else if self.pieces.take_open() {
                    self.send(&json!({ "text": " ", "flush": true })).await?;
                    self.owe();
                }
            }
            Some(SpeechInput::Finish) | None => {
                self.texts = None;
                if let Some(rest) = self.pieces.rest() {
                    self.write(&rest, false).await?;
                }
                self.send(&json!({ "text": "" })).await?;
                self.owe();
                return Ok(self.written == 0);
            }
        }
        Ok(false)
    }

    async fn write(&mut self, words: &str, flushes: bool) -> Result<(), Failure> {
        self.written += words.chars().count() as u64;
        if flushes {
            self.owe();
            self.send(&json!({ "text": words, "flush": true })).await
        } else {
            self.send(&json!({ "text": words })).await
        }
    }

    async fn send(&mut self, message: &Value) -> Result<(), Failure> {
        self.socket.send(Message::text(message.to_string())).await
    }

    fn owe(&mut self) {
        self.owed = Some(Instant::now() + self.saying.patience);
    }

    /// Returns whether that was all.
    async fn handle_message(&mut self, text: &str) -> Result<bool, Failure> {
        let message: Value =
            serde_json::from_str(text).map_err(|_| Failure::Nonsense("a message is not JSON"))?;
        if !message["error"].is_null() {
            return Err(dialect::of_message(&message).into());
        }
        let is_final = message["isFinal"] == true || message["is_final"] == true;
        if let Some(audio) = message["audio"].as_str() {
            self.handle_audio(audio, &message).await?;
        } else if !is_final {
            return Err(Failure::Nonsense("a message without sound"));
        }
        // What was flushed has come; what ends is waited for.
        self.owed = None;
        if self.texts.is_none() {
            self.owe();
        }
        Ok(is_final)
    }

    async fn handle_audio(&mut self, audio: &str, message: &Value) -> Result<(), Failure> {
        let bytes = BASE64_STANDARD
            .decode(audio)
            .map_err(|_| Failure::Nonsense("sound that is not base64"))?;
        if [&b"RIFF"[..], b"OggS", b"ID3"]
            .iter()
            .any(|magic| bytes.starts_with(magic))
        {
            return Err(Failure::Nonsense(
                "a sound file where samples were asked for",
            ));
        }
        let rate = self.saying.rate;
        let start = rate.duration_of(self.samples);
        let samples = self.pcm.handle(&bytes);
        self.samples += samples.len();
        let longest = LONGEST_PAUSES
            + LONGEST_CHARACTER
                * u32::try_from(self.written)
                    .unwrap_or(u32::MAX)
                    .min(1_000_000);
        if rate.duration_of(self.samples) > longest {
            return Err(Failure::Nonsense("it does not end"));
        }
        let (words, characters) = self.words.handle(message, start);
        self.charge(characters).await;
        if !words.is_empty() {
            self.tell(SpeechEvent::Words(words)).await;
        }
        if !samples.is_empty() {
            let text_until = None;
            self.tell(SpeechEvent::Audio(Spoken {
                samples,
                text_until,
            }))
            .await;
        }
        Ok(())
    }

    /// Tells what is left to tell.
    async fn finish(&mut self) {
        if let Some(word) = self.words.rest() {
            self.tell(SpeechEvent::Words(vec![word])).await;
        }
        self.charge(u64::MAX).await;
    }

    /// Charges for so many characters more, at most for those that were written.
    async fn charge(&mut self, characters: u64) {
        let more = characters.min(self.written - self.charged);
        self.charged += more;
        if more > 0 {
            self.tell(SpeechEvent::Charged(more)).await;
        }
    }

    async fn tell(&mut self, event: SpeechEvent) {
        // `run` ends all this when nobody listens.
        let _ = self.spoken.send(Ok(event)).await;
    }
}

/// The next text; waits for ever once all was said.
async fn next(texts: &mut Option<mpsc::Receiver<SpeechInput>>) -> Option<SpeechInput> {
    match texts {
        Some(texts) => texts.recv().await,
        None => std::future::pending().await,
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
