//! One reply: from words to sound, and how far it was heard.

mod answer;
mod phrase;
mod voicing;

use std::{sync::Arc, time::Instant};

use agent_contract::{
    Effect, Language, ProviderError, SpeakOptions, Speaker, ThoughtRequest, ToolCall, Toolbox,
    WordTime, chain::Incident,
};
use agent_turn::Turn;
use tokio::{sync::mpsc, time};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use self::answer::Question;
use crate::{
    Blame, Port, Profile, Providers,
    speaking::{Score, Sound},
    stopwatch::Stopwatch,
};

/// News of a reply that wait to be taken; who tells them waits when it is full, and so does the provider behind.
const NEWS: usize = 64;

/// What happens while a reply is made.
#[derive(Debug)]
pub(crate) enum News {
    /// The thinker's first token came.
    Token(Instant),
    /// Text goes to the speaker.
    Text(String),
    /// The speaker has the first piece.
    Piece(Instant),
    /// Sound came.
    Sound {
        at: Instant,
        samples: Vec<i16>,
        text_until: Option<usize>,
    },
    /// When words are spoken.
    Words(Vec<WordTime>),
    /// Tools are called.
    Called(Vec<ToolCall>),
    /// They have answered.
    Answered(Vec<ToolResult>),
    /// A provider did not deliver.
    Fault(Blame),
    /// A provider did not deliver, and the next one goes on.
    Replaced(Blame),
    /// This cannot be spoken: write it.
    Unspoken(String),
    /// That was all.
    Finished,
    /// It came to nothing, or to nothing more.
    Failed,
}

/// What a tool answered.
#[derive(Debug)]
pub(crate) struct ToolResult {
    pub(crate) call: ToolCall,
    pub(crate) text: String,
    pub(crate) effect: Option<Effect>,
    pub(crate) ok: bool,
    pub(crate) took: std::time::Duration,
}

/// What replies are made with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Studio {
    pub(crate) profile: Arc<Profile>,
    pub(crate) providers: Providers,
    pub(crate) tools: Toolbox,
    pub(crate) session: Arc<str>,
    pub(crate) language: Language,
}

/// What to reply.
pub(crate) enum Script {
    /// An answer that has to be thought of.
    Answer {
        request: Box<ThoughtRequest>,
        speaker: Option<Arc<str>>,
    },
    /// A fixed phrase.
    Phrase { text: String, trust: Trust },
}

/// Whether the speaker is to be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It is.
    Speaker,
    /// It has just failed: the spare one first.
    Spare,
}

/// A reply under way.
pub(crate) struct Reply {
    pub(crate) turn: Turn,
    pub(crate) sound: Sound,
    pub(crate) score: Score,
    pub(crate) watch: Stopwatch,
    pub(crate) phase: Phase,
    pub(crate) failed: bool,
    /// How much of its text the transcript shows, in bytes.
    pub(crate) shown: usize,
    news: mpsc::Receiver<News>,
    told_all: bool,
    go: CancellationToken,
    _task: AbortOnDropHandle<()>,
}

/// Whether a reply is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing of it was heard so far.
    Waiting,
    /// It is heard.
    Speaking,
    /// It is held, after so many samples were heard.
    Held { heard: u64, begun: bool },
}

impl Reply {
    /// Begins to make a reply. Dropping it ends that.
    pub(crate) fn begin(studio: Studio, turn: Turn, script: Script) -> Self {
        let (sender, news) = mpsc::channel(NEWS);
        let go = CancellationToken::new();
        let teller = Teller { news: sender };
        let committed = go.clone();
        let task = tokio::spawn(async move {
            let last = match script {
                Script::Answer { request, speaker } => {
                    let question = Question {
                        turn,
                        request: *request,
                        person: speaker,
                    };
                    answer::make(&studio, question, &teller, &committed).await
                }
                Script::Phrase { text, trust } => phrase::make(&studio, text, trust, &teller).await,
            };
            teller.tell(last).await;
        });
        Self {
            turn,
            sound: Sound::default(),
            score: Score::default(),
            watch: Stopwatch::default(),
            phase: Phase::Waiting,
            failed: false,
            shown: 0,
            news,
            told_all: false,
            go,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Lets it do what cannot be undone, such as calling tools.
    pub(crate) fn commit(&self) {
        self.go.cancel();
    }

    /// Waits for news; for ever when there are none to come, or too much of it waits to be heard.
    pub(crate) async fn news(&mut self) -> News {
        if self.told_all || self.sound.is_full() {
            return std::future::pending().await;
        }
        // Its task tells the end, unless it panicked.
        let news = self.news.recv().await.unwrap_or(News::Failed);
        self.told_all = matches!(news, News::Finished | News::Failed);
        news
    }

    /// Returns whether its sound may go out.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self.phase, Phase::Held { .. })
    }

    pub(crate) fn has_begun(&self) -> bool {
        match self.phase {
            Phase::Waiting => false,
            Phase::Speaking => true,
            Phase::Held { begun, .. } => begun,
        }
    }
}

/// Tells the conversation.
pub(super) struct Teller {
    news: mpsc::Sender<News>,
}

impl Teller {
    async fn tell(&self, news: News) {
        // Nobody listens when the reply was dropped; then this task is about to end.
        let _ = self.news.send(news).await;
    }

    async fn blame(&self, port: Port, error: &ProviderError) {
        tracing::warn!(
            provider = %error.provider(),
            kind = error.kind(),
            error = error as &dyn std::error::Error,
            "a provider did not deliver"
        );
        self.tell(News::Fault(Blame::of(port, error))).await;
    }

    /// A provider of a chain did not deliver, and another one goes on.
    async fn replaced(&self, incident: &Incident) {
        if let Some(blame) = Blame::of_replaced(incident) {
            self.tell(News::Replaced(blame)).await;
        }
    }
}

impl Studio {
    fn speak_options(&self) -> SpeakOptions {
        let voices = &self.profile.voices;
        let voice = voices
            .get(self.language.as_str())
            .or_else(|| voices.get(self.language.primary()));
        SpeakOptions {
            voice: voice.map(|voice| voice.as_str().into()),
            language: self.language.clone(),
        }
    }

    /// How long a provider may be silent.
    fn patience(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.profile.limits.provider_ms.into())
    }

    fn takes_words(&self, speaker: &dyn Speaker) -> bool {
        speaker.capabilities().takes_words
    }
}

/// Reads the clock that a paused runtime governs.
pub(crate) fn now() -> Instant {
    time::Instant::now().into_std()
}
