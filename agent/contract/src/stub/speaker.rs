//! A speaker that makes two tones for each word.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use room_media::SampleRate;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::{
    Fault, Pace,
    director::{Director, Scene},
    word::{WORD, say},
};
use crate::{
    ProviderError, ProviderName, SPEECH_QUEUE, SpeakOptions, Speaker, SpeakerCapabilities, Speech,
    SpeechEvent, SpeechInput, Spoken, TEXT_QUEUE, WordTime,
};

/// How much sound is in a piece.
const PIECE: Duration = Duration::from_millis(20);

/// Speaks each word as [`WORD`] of tones, as fast as its pace allows.
#[derive(Debug)]
pub struct StubSpeaker {
    director: Director,
    capabilities: SpeakerCapabilities,
    told: Arc<Mutex<String>>,
}

impl StubSpeaker {
    /// Returns one that speaks at 24 kHz, takes words, and tells no times.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            director: Director::new(name),
            capabilities: SpeakerCapabilities {
                sample_rate: SampleRate::HZ_24000,
                takes_words: true,
                word_times: false,
            },
            told: Arc::default(),
        }
    }

    /// Sets what it can do.
    #[must_use]
    pub fn able(mut self, capabilities: SpeakerCapabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Sets how long it takes.
    #[must_use]
    pub fn paced(mut self, pace: Pace) -> Self {
        self.director.pace = pace;
        self
    }

    /// Sets what goes wrong every time.
    #[must_use]
    pub fn failing(self, fault: Fault) -> Self {
        self.director.set_habit(Some(fault));
        self
    }

    /// Sets what goes wrong the next time, and then the time after it.
    #[must_use]
    pub fn failing_once(self, fault: Fault) -> Self {
        self.director.add(Some(fault));
        self
    }

    /// Sets what goes wrong from here on.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.director.set_habit(fault);
    }

    /// Returns all text that it was told to speak.
    #[must_use]
    pub fn told(&self) -> String {
        self.told.lock().clone()
    }

    /// Returns how many replies it was asked to speak.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.director.opened()
    }

    /// Returns how many replies are under way.
    #[must_use]
    pub fn open(&self) -> usize {
        self.director.open_now()
    }
}

#[async_trait]
impl Speaker for StubSpeaker {
    fn name(&self) -> &ProviderName {
        &self.director.name
    }

    fn capabilities(&self) -> SpeakerCapabilities {
        self.capabilities
    }

    async fn speak(&self, _: SpeakOptions) -> Result<Speech, ProviderError> {
        let scene = self.director.open().await?;
        let (input, texts) = mpsc::channel(TEXT_QUEUE);
        let (sounds, spoken) = mpsc::channel(SPEECH_QUEUE);
        let acting = Acting {
            scene,
            capabilities: self.capabilities,
            sounds,
            told: Arc::clone(&self.told),
            open_text: String::new(),
            spoken_chars: 0,
            spoken_time: Duration::ZERO,
        };
        Ok(Speech {
            input,
            spoken,
            task: AbortOnDropHandle::new(tokio::spawn(acting.run(texts))),
        })
    }
}

struct Acting {
    scene: Scene,
    capabilities: SpeakerCapabilities,
    sounds: mpsc::Sender<Result<SpeechEvent, ProviderError>>,
    told: Arc<Mutex<String>>,
    /// What is not spoken yet.
    open_text: String,
    spoken_chars: usize,
    spoken_time: Duration,
}

/// It was told to stop, or nobody listens.
struct Over;

impl Acting {
    async fn run(mut self, mut texts: mpsc::Receiver<SpeechInput>) {
        // Over is an end like any other.
        let _: Result<(), Over> = self.act(&mut texts).await;
    }

    async fn act(&mut self, texts: &mut mpsc::Receiver<SpeechInput>) -> Result<(), Over> {
        loop {
            match texts.recv().await {
                Some(SpeechInput::Text(text)) => {
                    self.told.lock().push_str(&text);
                    self.open_text.push_str(&text);
                    let whole = self.open_text.rfind(char::is_whitespace).map_or(0, |at| {
                        at + self.open_text[at..]
                            .chars()
                            .next()
                            .map_or(0, char::len_utf8)
                    });
                    self.speak(whole).await?;
                }
                Some(SpeechInput::Flush) => self.speak(self.open_text.len()).await?,
                Some(SpeechInput::Finish) | None => break,
            }
        }
        self.speak(self.open_text.len()).await?;
        while self.scene.is(Fault::Endless) {
            self.word("la").await?;
        }
        let charged = self.spoken_chars as u64;
        self.tell(SpeechEvent::Charged(charged)).await?;
        self.tell(SpeechEvent::Finished).await
    }

    /// Speaks the next bytes of the open text.
    async fn speak(&mut self, bytes: usize) -> Result<(), Over> {
        let text: String = self.open_text.drain(..bytes).collect();
        for piece in text.split_inclusive(char::is_whitespace) {
            self.spoken_chars += piece.chars().count();
            let word = piece.trim();
            if !word.is_empty() {
                self.word(word).await?;
            }
        }
        Ok(())
    }

    async fn word(&mut self, word: &str) -> Result<(), Over> {
        let rate = self.capabilities.sample_rate;
        let mut samples = say(word, rate);
        if self.scene.is(Fault::WrongRate) {
            samples = samples
                .iter()
                .flat_map(|&sample| [sample, sample])
                .collect();
        }
        if self.capabilities.word_times {
            let time = WordTime {
                word: word.to_owned(),
                from: self.spoken_time,
                to: self.spoken_time + WORD,
            };
            self.tell(SpeechEvent::Words(vec![time])).await?;
        }
        self.spoken_time += WORD;
        let count = samples.len().div_ceil(rate.samples_in(PIECE));
        for (number, piece) in samples.chunks(rate.samples_in(PIECE)).enumerate() {
            match self.scene.next_piece().await {
                None => return Err(Over),
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    // Nobody listens any more: there is nobody to tell.
                    let _ = self.sounds.send(Err(error)).await;
                    return Err(Over);
                }
            }
            let complete = number + 1 == count && !self.capabilities.word_times;
            let audio = SpeechEvent::Audio(Spoken {
                samples: piece.to_vec(),
                text_until: complete.then_some(self.spoken_chars),
            });
            self.tell(audio).await?;
        }
        Ok(())
    }

    async fn tell(&self, event: SpeechEvent) -> Result<(), Over> {
        self.sounds.send(Ok(event)).await.map_err(|_| Over)
    }
}
