//! The loop of one listening: sound out, results in, and patience.

use std::time::Duration;

use agent_contract::{Heard, ProviderError, ProviderName, Transcript, TranscriptionInput};
use agent_wire::{Failure, Socket};
use bytes::Bytes;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::Message;

use super::{RATE, results::Results};
use crate::TranscriberSettings;

/// Less sound than this may be finalized without a word from the service.
const LITTLE: f64 = 0.5;

/// How long to wait for that word all the same.
const GRACE: Duration = Duration::from_millis(600);

/// Opens a connection on which nobody has spoken: being kept alive is not enough for the service.
const OPENING: Duration = Duration::from_millis(20);

type Events = mpsc::Sender<Result<Heard, ProviderError>>;

/// Listens until the sound ends, something fails, or nobody wants to know.
pub(super) async fn run(
    provider: ProviderName,
    settings: TranscriberSettings,
    socket: Socket,
    sound: mpsc::Receiver<TranscriptionInput>,
    heard: Events,
) {
    let hearing = Hearing {
        keep_alive_at: Instant::now() + settings.keep_alive(),
        settings,
        socket,
        results: Results::default(),
        sound: Some(sound),
        heard: heard.clone(),
        sent: 0.0,
        owed: None,
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
    settings: TranscriberSettings,
    socket: Socket,
    results: Results,
    /// Gone once it has ended.
    sound: Option<mpsc::Receiver<TranscriptionInput>>,
    heard: Events,
    /// Seconds of sound that were sent.
    sent: f64,
    keep_alive_at: Instant,
    owed: Option<Owed>,
}

/// An answer that was asked for.
struct Owed {
    /// When to stop waiting.
    until: Instant,
    /// How many answers there were before.
    answers: u64,
    /// Whether its absence means that the service is gone.
    is_certain: bool,
}

impl Hearing {
    async fn hear(mut self) -> Result<(), Failure> {
        loop {
            let patience = self.owed.as_ref().map(|owed| owed.until);
            tokio::select! {
                biased;
                text = self.socket.next() => {
                    let is_ending = self.sound.is_none();
                    match text {
                        Ok(Some(text)) => self.handle_text(&text).await?,
                        Ok(None) if is_ending => return Ok(()),
                        Ok(None) => return Err(Failure::Broken),
                        Err(failure) => return Err(failure),
                    }
                    if is_ending && self.results.is_over() {
                        return Ok(());
                    }
                }
                input = next(&mut self.sound) => self.handle_input(input).await?,
                () = at(patience) => self.handle_silence().await?,
                () = sleep_until(self.keep_alive_at), if self.sound.is_some() => {
                    self.keep_alive().await?;
                }
            }
        }
    }

    async fn handle_text(&mut self, text: &str) -> Result<(), Failure> {
        self.results.handle(text)?;
        let answers = self.results.answers();
        let is_ending = self.sound.is_none();
        if is_ending {
            self.owe(true);
        } else if self
            .owed
            .as_ref()
            .is_some_and(|owed| answers > owed.answers)
        {
            self.owed = None;
        }
        while let Some(heard) = self.results.poll_heard() {
            self.tell(heard).await;
        }
        Ok(())
    }

    async fn handle_input(&mut self, input: Option<TranscriptionInput>) -> Result<(), Failure> {
        match input {
            Some(TranscriptionInput::Audio(samples)) => {
                // An empty message would end the stream.
                if !samples.is_empty() {
                    self.send_sound(&samples).await?;
                }
            }
            Some(TranscriptionInput::Finalize) => {
                self.send_order("Finalize").await?;
                self.owe(self.sent - self.results.covered() > LITTLE);
            }
            None => {
                self.sound = None;
                self.send_order("CloseStream").await?;
                self.owe(true);
            }
        }
        Ok(())
    }

    /// The service has not answered in time.
    async fn handle_silence(&mut self) -> Result<(), Failure> {
        match self.owed.take() {
            Some(owed) if owed.is_certain => Err(Failure::Stalled(self.settings.patience())),
            // It had nothing to say about so little sound.
            Some(_) => {
                self.tell(Heard::Final(Transcript::default())).await;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn owe(&mut self, is_certain: bool) {
        let wait = if is_certain {
            self.settings.patience()
        } else {
            GRACE
        };
        self.owed = Some(Owed {
            until: Instant::now() + wait,
            answers: self.results.answers(),
            is_certain,
        });
    }

    async fn keep_alive(&mut self) -> Result<(), Failure> {
        if self.sent == 0.0 {
            return self.send_sound(&vec![0; RATE.samples_in(OPENING)]).await;
        }
        self.send_order("KeepAlive").await
    }

    async fn send_sound(&mut self, samples: &[i16]) -> Result<(), Failure> {
        let bytes: Bytes = samples
            .iter()
            .flat_map(|sample| sample.to_le_bytes())
            .collect();
        self.sent += RATE.duration_of(samples.len()).as_secs_f64();
        self.send(Message::Binary(bytes)).await
    }

    async fn send_order(&mut self, kind: &str) -> Result<(), Failure> {
        self.send(Message::text(format!(r#"{{"type":"{kind}"}}"#)))
            .await
    }

    async fn send(&mut self, message: Message) -> Result<(), Failure> {
        self.socket.send(message).await?;
        self.keep_alive_at = Instant::now() + self.settings.keep_alive();
        Ok(())
    }

    async fn tell(&mut self, heard: Heard) {
        // `run` ends all this when nobody wants to know.
        let _ = self.heard.send(Ok(heard)).await;
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

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
