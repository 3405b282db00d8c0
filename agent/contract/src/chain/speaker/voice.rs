//! One speaker's part of a reply.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use room_media::{Format, Resampler, SampleRate};
use tokio::time::Instant;

use super::{super::Candidate, progress::Progress, script::Script};
use crate::{
    ProviderError, SpeakOptions, Speaker, Speech, SpeechEvent, SpeechInput, probe::cut_off,
};

/// Where a speaker that wants clauses may take a breath.
const BREATHS: [char; 8] = ['.', '!', '?', ',', ';', ':', '…', '\n'];

pub(super) struct Voice {
    pub(super) candidate: Candidate<dyn Speaker>,
    pub(super) begun: Instant,
    /// Since when sound is waited for.
    pub(super) silent_since: Instant,
    pub(super) has_spoken: bool,
    pub(super) has_charged: bool,
    pub(super) progress: Progress,
    /// The reply's sound before its own.
    pub(super) offset: Duration,
    /// How many characters it was given.
    pub(super) given: usize,
    speech: State,
    waiting: VecDeque<SpeechInput>,
    /// Words that are no clause yet.
    clause: String,
    takes_words: bool,
    fitting: Option<Resampler>,
}

enum State {
    Opening(BoxFuture<'static, Result<Speech, ProviderError>>),
    Open {
        speech: Speech,
        /// Whether it takes nothing more; it may still say why.
        is_deaf: bool,
    },
}

impl Voice {
    pub(super) fn open(
        candidate: Candidate<dyn Speaker>,
        options: SpeakOptions,
        rate: SampleRate,
    ) -> Self {
        let speaker = Arc::clone(&candidate.provider);
        let capabilities = speaker.capabilities();
        let own = Format::mono(capabilities.sample_rate);
        let fits = capabilities.sample_rate == rate;
        Self {
            candidate,
            begun: Instant::now(),
            silent_since: Instant::now(),
            has_spoken: false,
            has_charged: false,
            progress: Progress::from(0),
            offset: Duration::ZERO,
            given: 0,
            speech: State::Opening(async move { speaker.speak(options).await }.boxed()),
            waiting: VecDeque::new(),
            clause: String::new(),
            takes_words: capabilities.takes_words,
            fitting: if fits {
                None
            } else {
                Resampler::new(own, rate).ok()
            },
        }
    }

    /// Hands over what is left, after so much sound of others.
    pub(super) fn take_over(&mut self, script: &Script, offset: Duration) {
        self.progress = Progress::from(script.begins());
        self.offset = offset;
        self.silent_since = Instant::now();
        let is_due = script.is_due();
        if !script.rest().is_empty() {
            self.tell(SpeechInput::Text(script.rest().to_owned()));
        }
        if script.is_finished {
            self.tell(SpeechInput::Finish);
        } else if is_due {
            self.tell(SpeechInput::Flush);
        }
    }

    pub(super) fn tell(&mut self, input: SpeechInput) {
        match input {
            SpeechInput::Text(text) if self.takes_words => self.give(text),
            SpeechInput::Text(text) => {
                self.clause.push_str(&text);
                if self.clause.trim_end().ends_with(BREATHS) {
                    self.give_clause();
                }
            }
            SpeechInput::Flush | SpeechInput::Finish => {
                self.give_clause();
                self.waiting.push_back(input);
            }
        }
    }

    pub(super) fn is_opening(&self) -> bool {
        matches!(self.speech, State::Opening(_))
    }

    pub(super) fn takes_words(&self) -> bool {
        self.takes_words
    }

    /// Waits for what it tells, and meanwhile hands over what waits. Nothing is lost when the wait is broken off.
    pub(super) async fn next(&mut self) -> Result<SpeechEvent, ProviderError> {
        loop {
            match &mut self.speech {
                State::Opening(opening) => {
                    let speech = opening.await?;
                    self.speech = State::Open {
                        speech,
                        is_deaf: false,
                    };
                }
                State::Open { speech, is_deaf } => {
                    let Speech { input, spoken, .. } = speech;
                    let has_more = !self.waiting.is_empty() && !*is_deaf;
                    let event = tokio::select! {
                        biased;
                        event = spoken.recv() => event,
                        place = input.reserve(), if has_more => {
                            match place {
                                Ok(place) => {
                                    if let Some(next) = self.waiting.pop_front() {
                                        place.send(next);
                                    }
                                }
                                Err(_) => *is_deaf = true,
                            }
                            continue;
                        }
                    };
                    return event.unwrap_or_else(|| Err(cut_off(self.candidate.provider.name())));
                }
            }
        }
    }

    /// Brings sound to the rate that was promised.
    pub(super) fn fit(&mut self, samples: Vec<i16>) -> Vec<i16> {
        match &mut self.fitting {
            None => samples,
            Some(resampler) => {
                let mut fitted = Vec::new();
                resampler.process(&samples, &mut fitted);
                fitted
            }
        }
    }

    /// Returns what is still on its way through the fitting.
    pub(super) fn fit_rest(&mut self) -> Vec<i16> {
        let mut rest = Vec::new();
        if let Some(resampler) = &mut self.fitting {
            resampler.finish(&mut rest);
        }
        rest
    }

    fn give(&mut self, text: String) {
        self.given += text.chars().count();
        self.waiting.push_back(SpeechInput::Text(text));
    }

    fn give_clause(&mut self) {
        if !self.clause.is_empty() {
            let clause = std::mem::take(&mut self.clause);
            self.give(clause);
        }
    }
}
