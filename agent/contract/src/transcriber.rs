//! Speech to text.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use room_media::SampleRate;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{Language, ProviderError, ProviderName, chain::Incident};

/// Pieces of sound that wait for a provider, 20 ms each as a rule: ten seconds. When it is full the provider is not
/// listening, which is a [`ProviderError::Stalled`]; nothing is dropped in silence.
pub const INPUT_QUEUE: usize = 500;

/// Results that wait to be taken; the provider's reader waits when it is full.
pub const HEARD_QUEUE: usize = 64;

/// Turns one person's speech into text.
#[async_trait]
pub trait Transcriber: Send + Sync + 'static {
    /// Returns what it is called.
    fn name(&self) -> &ProviderName;

    /// Returns what it can do.
    fn capabilities(&self) -> TranscriberCapabilities;

    /// Begins to listen to one speaker.
    ///
    /// # Errors
    /// [`ProviderError`] says what to do next.
    async fn listen(&self, options: ListenOptions) -> Result<Listening, ProviderError>;
}

/// What a transcriber can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TranscriberCapabilities {
    /// The rate it wants its sound in.
    pub sample_rate: SampleRate,
    /// Whether it tells what it heard so far.
    pub interim: bool,
    /// Whether it tells by itself that a turn is over; otherwise it waits for [`TranscriptionInput::Finalize`].
    pub end_of_turn: bool,
    /// Whether words come with their times.
    pub word_times: bool,
}

/// What to listen for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenOptions {
    /// The language to expect.
    pub language: Language,
    /// Names and terms that are likely.
    pub keywords: Arc<[String]>,
}

/// A transcription under way. Dropping it ends it.
#[derive(Debug)]
pub struct Listening {
    /// Where the speaker's sound goes; mono, at the transcriber's rate.
    pub input: mpsc::Sender<TranscriptionInput>,
    /// What was heard, in order. It closes after an error or when the input is closed and all was told.
    pub heard: mpsc::Receiver<Result<Heard, ProviderError>>,
    /// The adapter's task.
    pub task: AbortOnDropHandle<()>,
}

/// What goes to a transcriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TranscriptionInput {
    /// The next samples, 20 ms as a rule; silence included.
    Audio(Arc<[i16]>),
    /// The speaker has paused: tell at once what is still open.
    Finalize,
}

/// What a transcriber tells.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Heard {
    /// The present stretch of speech so far; replaces the interim before.
    Interim(Transcript),
    /// The present stretch of speech as it stays; a turn may have several. Empty when nothing was understood.
    Final(Transcript),
    /// The speaker has finished, says the provider.
    EndOfTurn,
    /// So much sound was charged for.
    Charged(Duration),
    /// All sound up to here, since the beginning, is final. Comes before its [`Heard::Final`], where the provider can tell;
    /// it lets a [chain](crate::chain) keep exactly the rest for the next provider.
    Covered(Duration),
    /// Somebody did not deliver, says a [chain](crate::chain); the transcription goes on, or an error follows.
    Incident(Incident),
}

/// Text that was heard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Transcript {
    /// The words, with punctuation where the provider sets it.
    pub text: String,
    /// From 0 to 1, where the provider tells.
    pub confidence: Option<f32>,
    /// The language that was recognised, where the provider tells.
    pub language: Option<Language>,
}

impl Transcript {
    /// Wraps plain text.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            confidence: None,
            language: None,
        }
    }
}
