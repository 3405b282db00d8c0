//! A transcriber that hears the words of the stub speaker, or says its lines.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_trait::async_trait;
use parking_lot::Mutex;
use room_media::{Level, SampleRate};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::{
    Ear, Fault, Pace,
    director::{Director, Scene},
};
use crate::{
    HEARD_QUEUE, Heard, INPUT_QUEUE, ListenOptions, Listening, ProviderError, ProviderName,
    Transcriber, TranscriberCapabilities, Transcript, TranscriptionInput,
};

/// Louder sound is speech.
const SPEECH: f32 = -50.0;

/// Hears words made by [`say`](super::say), or turns any speech into its lines, one for each stretch.
///
/// A stretch ends with [`TranscriptionInput::Finalize`], or, for one that knows the [end of a
/// turn](StubTranscriber::ending_turns), with a pause.
#[derive(Debug)]
pub struct StubTranscriber {
    director: Director,
    capabilities: TranscriberCapabilities,
    vocabulary: Option<Arc<str>>,
    lines: Arc<Mutex<VecDeque<String>>>,
    pause: Option<Duration>,
    listened: Mutex<Vec<ListenOptions>>,
}

impl StubTranscriber {
    /// Returns one at 16 kHz that says its lines.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            director: Director::new(name),
            capabilities: TranscriberCapabilities {
                sample_rate: SampleRate::HZ_16000,
                interim: true,
                end_of_turn: false,
                word_times: false,
            },
            vocabulary: None,
            lines: Arc::default(),
            pause: None,
            listened: Mutex::default(),
        }
    }

    /// Lets it hear the words of a text where they are.
    #[must_use]
    pub fn hearing(mut self, vocabulary: &str) -> Self {
        self.vocabulary = Some(vocabulary.into());
        self
    }

    /// Adds a line that it hears in the next stretch of speech.
    #[must_use]
    pub fn saying(self, text: &str) -> Self {
        self.add(text);
        self
    }

    /// Lets it tell the end of a turn after a pause.
    #[must_use]
    pub fn ending_turns(mut self, pause: Duration) -> Self {
        self.capabilities.end_of_turn = true;
        self.pause = Some(pause);
        self
    }

    /// Sets the rate it wants.
    #[must_use]
    pub fn at(mut self, rate: SampleRate) -> Self {
        self.capabilities.sample_rate = rate;
        self
    }

    /// Sets how long it takes; a piece is a result.
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

    /// Adds a line while it is in use.
    pub fn add(&self, text: &str) {
        self.lines.lock().push_back(text.to_owned());
    }

    /// Returns what it was told to listen for, each time.
    #[must_use]
    pub fn listened(&self) -> Vec<ListenOptions> {
        self.listened.lock().clone()
    }

    /// Returns how many transcriptions are under way.
    #[must_use]
    pub fn open(&self) -> usize {
        self.director.open_now()
    }
}

#[async_trait]
impl Transcriber for StubTranscriber {
    fn name(&self) -> &ProviderName {
        &self.director.name
    }

    fn capabilities(&self) -> TranscriberCapabilities {
        self.capabilities
    }

    async fn listen(&self, options: ListenOptions) -> Result<Listening, ProviderError> {
        self.listened.lock().push(options);
        let scene = self.director.open().await?;
        let (input, sounds) = mpsc::channel(INPUT_QUEUE);
        let (results, heard) = mpsc::channel(HEARD_QUEUE);
        let rate = self.capabilities.sample_rate;
        let acting = Acting {
            scene,
            rate,
            ear: self.vocabulary.as_ref().map(|words| Ear::new(rate, words)),
            lines: Arc::clone(&self.lines),
            pause: self.pause,
            results,
            words: Vec::new(),
            speech: Duration::ZERO,
            quiet: Duration::ZERO,
            listened: Duration::ZERO,
        };
        Ok(Listening {
            input,
            heard,
            task: AbortOnDropHandle::new(tokio::spawn(acting.run(sounds))),
        })
    }
}

struct Acting {
    scene: Scene,
    rate: SampleRate,
    ear: Option<Ear>,
    lines: Arc<Mutex<VecDeque<String>>>,
    pause: Option<Duration>,
    results: mpsc::Sender<Result<Heard, ProviderError>>,
    /// Heard in the present stretch.
    words: Vec<String>,
    /// Speech in the present stretch.
    speech: Duration,
    /// Silence since.
    quiet: Duration,
    listened: Duration,
}

/// It was told to stop, or nobody listens.
struct Over;

impl Acting {
    async fn run(mut self, mut sounds: mpsc::Receiver<TranscriptionInput>) {
        // Over is an end like any other.
        let _: Result<(), Over> = self.act(&mut sounds).await;
    }

    async fn act(&mut self, sounds: &mut mpsc::Receiver<TranscriptionInput>) -> Result<(), Over> {
        while let Some(input) = sounds.recv().await {
            match input {
                TranscriptionInput::Audio(samples) => self.hear(&samples).await?,
                TranscriptionInput::Finalize => self.end_stretch().await?,
            }
        }
        if !self.speech.is_zero() {
            self.end_stretch().await?;
        }
        self.tell(Heard::Charged(self.listened)).await
    }

    async fn hear(&mut self, samples: &[i16]) -> Result<(), Over> {
        let duration = self.rate.duration_of(samples.len());
        self.listened += duration;
        if Level::of(samples).rms.decibels() > SPEECH {
            self.speech += duration;
            self.quiet = Duration::ZERO;
        } else if !self.speech.is_zero() {
            self.quiet += duration;
        }
        let ended = self.ear.as_mut().map(|ear| ear.hear(samples));
        if let Some(ended) = ended
            && !ended.is_empty()
        {
            self.words.extend(ended);
            let so_far = Heard::Interim(Transcript::of(self.words.join(" ")));
            self.result(so_far).await?;
        }
        if self.pause.is_some_and(|pause| self.quiet >= pause) {
            self.end_stretch().await?;
            self.tell(Heard::EndOfTurn).await?;
        }
        Ok(())
    }

    async fn end_stretch(&mut self) -> Result<(), Over> {
        let spoke = !self.speech.is_zero();
        (self.speech, self.quiet) = (Duration::ZERO, Duration::ZERO);
        let text = match &mut self.ear {
            Some(ear) => {
                self.words.extend(ear.pause());
                std::mem::take(&mut self.words).join(" ")
            }
            None if spoke => self.lines.lock().pop_front().unwrap_or_default(),
            None => String::new(),
        };
        self.result(Heard::Final(Transcript::of(text))).await
    }

    async fn result(&mut self, result: Heard) -> Result<(), Over> {
        match self.scene.next_piece().await {
            None => Err(Over),
            Some(Ok(())) => self.tell(result).await,
            Some(Err(error)) => {
                // Nobody listens any more: there is nobody to tell.
                let _ = self.results.send(Err(error)).await;
                Err(Over)
            }
        }
    }

    async fn tell(&self, result: Heard) -> Result<(), Over> {
        self.results.send(Ok(result)).await.map_err(|_| Over)
    }
}
