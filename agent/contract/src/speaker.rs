//! Text to speech.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use room_media::SampleRate;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::{Language, ProviderError, ProviderName, chain::Incident};

/// Texts that wait to be spoken; who writes them waits when it is full.
pub const TEXT_QUEUE: usize = 64;

/// Pieces of speech that wait to be taken; the provider's reader waits when it is full.
pub const SPEECH_QUEUE: usize = 256;

/// Speaks.
#[async_trait]
pub trait Speaker: Send + Sync + 'static {
    /// Returns what it is called.
    fn name(&self) -> &ProviderName;

    /// Returns what it can do.
    fn capabilities(&self) -> SpeakerCapabilities;

    /// Gets ready to speak one reply.
    ///
    /// # Errors
    /// [`ProviderError`] says what to do next.
    async fn speak(&self, options: SpeakOptions) -> Result<Speech, ProviderError>;
}

/// What a speaker can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpeakerCapabilities {
    /// The rate its sound comes in; mono.
    pub sample_rate: SampleRate,
    /// Whether it takes words as they are written; otherwise it wants clauses or sentences.
    pub takes_words: bool,
    /// Whether words come with their times.
    pub word_times: bool,
}

/// How to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakOptions {
    /// The provider's name for a voice; its own choice when there is none.
    pub voice: Option<Arc<str>>,
    /// The language of the text.
    pub language: Language,
}

/// A reply being spoken. Dropping it ends it at once.
#[derive(Debug)]
pub struct Speech {
    /// Where the text goes. Closing it is [`SpeechInput::Finish`].
    pub input: mpsc::Sender<SpeechInput>,
    /// What was spoken, in order. It closes after [`SpeechEvent::Finished`] or an error.
    pub spoken: mpsc::Receiver<Result<SpeechEvent, ProviderError>>,
    /// The adapter's task.
    pub task: AbortOnDropHandle<()>,
}

/// What goes to a speaker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpeechInput {
    /// The next piece of text: words where the speaker takes them, a clause or more where it does not. Spaces count.
    Text(String),
    /// Speak what you have; more may follow.
    Flush,
    /// That was all.
    Finish,
}

/// What a speaker tells.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SpeechEvent {
    /// The next sound.
    Audio(Spoken),
    /// Words of the sound that came or is about to come, in order.
    Words(Vec<WordTime>),
    /// So many characters were charged for.
    Charged(u64),
    /// Somebody did not deliver, says a [chain](crate::chain); the speech goes on, or an error follows.
    Incident(Incident),
    /// All was spoken.
    Finished,
}

/// A piece of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Samples, mono, at the speaker's rate. Any length.
    pub samples: Vec<i16>,
    /// How many characters of the text handed over so far have been spoken when this piece was heard to its end,
    /// where the speaker can tell. A speaker with [word times](SpeakerCapabilities::word_times) need not.
    pub text_until: Option<usize>,
}

/// When a word is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordTime {
    /// The word as in the text.
    pub word: String,
    /// Since the beginning of the reply's sound.
    pub from: Duration,
    /// Since the beginning of the reply's sound.
    pub to: Duration,
}
