//! One transcriber's part of listening.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use room_media::{Format, Resampler, SampleRate};
use tokio::{
    sync::mpsc::{Receiver, Sender},
    time::Instant,
};
use tokio_util::task::AbortOnDropHandle;

use super::{super::Candidate, stretch::Stretch};
use crate::{Heard, ListenOptions, Listening, ProviderError, Transcriber, TranscriptionInput};

pub(super) struct Ear {
    pub(super) candidate: Candidate<dyn Transcriber>,
    pub(super) begun: Instant,
    /// Since when a result is waited for.
    pub(super) silent_since: Instant,
    pub(super) has_told: bool,
    pub(super) has_charged: bool,
    /// Whether it tells up to where its text goes.
    pub(super) tells_places: bool,
    /// Speech since its last result.
    pub(super) unanswered: Duration,
    /// The sound before its own.
    pub(super) offset: Duration,
    /// How much sound it was given.
    pub(super) given: Duration,
    /// Since when it takes nothing of what waits.
    stuck_since: Option<Instant>,
    listening: State,
    waiting: VecDeque<TranscriptionInput>,
    is_closing: bool,
    rate: SampleRate,
    fitting: Option<Resampler>,
}

enum State {
    Opening(BoxFuture<'static, Result<Listening, ProviderError>>),
    Open {
        /// `None` when it was closed, or takes nothing more.
        input: Option<Sender<TranscriptionInput>>,
        heard: Receiver<Result<Heard, ProviderError>>,
        _task: AbortOnDropHandle<()>,
    },
}

impl Ear {
    pub(super) fn open(
        candidate: Candidate<dyn Transcriber>,
        options: ListenOptions,
        rate: SampleRate,
    ) -> Self {
        let transcriber = Arc::clone(&candidate.provider);
        let own = transcriber.capabilities().sample_rate;
        let fitting = (own != rate).then(|| Resampler::new(Format::mono(rate), own).ok());
        Self {
            candidate,
            begun: Instant::now(),
            silent_since: Instant::now(),
            has_told: false,
            has_charged: false,
            tells_places: false,
            unanswered: Duration::ZERO,
            offset: Duration::ZERO,
            given: Duration::ZERO,
            stuck_since: None,
            listening: State::Opening(async move { transcriber.listen(options).await }.boxed()),
            waiting: VecDeque::new(),
            is_closing: false,
            rate,
            fitting: fitting.flatten(),
        }
    }

    /// Lets it hear what others have not brought to an end.
    pub(super) fn take_over(&mut self, stretch: &Stretch) {
        self.offset = stretch.begins();
        self.silent_since = Instant::now();
        for input in stretch.inputs() {
            self.tell(input);
        }
    }

    pub(super) fn tell(&mut self, input: TranscriptionInput) {
        let input = match input {
            TranscriptionInput::Audio(samples) => {
                self.given += self.rate.duration_of(samples.len());
                TranscriptionInput::Audio(self.fit(samples))
            }
            TranscriptionInput::Finalize => input,
        };
        if self.waiting.is_empty() {
            self.stuck_since = Some(Instant::now());
        }
        self.waiting.push_back(input);
    }

    /// Says that nothing more comes.
    pub(super) fn close(&mut self) {
        self.is_closing = true;
    }

    pub(super) fn is_opening(&self) -> bool {
        matches!(self.listening, State::Opening(_))
    }

    /// Returns since when it takes nothing.
    pub(super) fn stuck_since(&self) -> Option<Instant> {
        self.stuck_since.filter(|_| !self.waiting.is_empty())
    }

    /// Waits for what it tells, and meanwhile hands over what waits; `None` when it has ended. Nothing is lost when the
    /// wait is broken off.
    pub(super) async fn next(&mut self) -> Result<Option<Heard>, ProviderError> {
        loop {
            match &mut self.listening {
                State::Opening(opening) => {
                    let Listening { input, heard, task } = opening.await?;
                    self.stuck_since = Some(Instant::now());
                    self.listening = State::Open {
                        input: Some(input),
                        heard,
                        _task: task,
                    };
                }
                State::Open { input, heard, .. } => {
                    if self.is_closing && self.waiting.is_empty() {
                        *input = None;
                    }
                    let has_more = !self.waiting.is_empty() && input.is_some();
                    let told = tokio::select! {
                        biased;
                        told = heard.recv() => told,
                        took = hand_over(input.as_ref(), &mut self.waiting), if has_more => {
                            self.stuck_since = Some(Instant::now());
                            if !took {
                                *input = None;
                            }
                            continue;
                        }
                    };
                    return told.transpose();
                }
            }
        }
    }

    fn fit(&mut self, samples: Arc<[i16]>) -> Arc<[i16]> {
        match &mut self.fitting {
            None => samples,
            Some(resampler) => {
                let mut fitted = Vec::new();
                resampler.process(&samples, &mut fitted);
                fitted.into()
            }
        }
    }
}

/// Hands over the next of what waits, and returns whether it was taken.
async fn hand_over(
    input: Option<&Sender<TranscriptionInput>>,
    waiting: &mut VecDeque<TranscriptionInput>,
) -> bool {
    let Some(input) = input else { return false };
    let Ok(place) = input.reserve().await else {
        return false;
    };
    if let Some(next) = waiting.pop_front() {
        place.send(next);
    }
    true
}
