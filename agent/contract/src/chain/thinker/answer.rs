//! One answer, by as many thinkers as it takes.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{
    super::{
        Incident, Ledger, Settings, Usage, Warmth,
        roster::{Queue, Roster},
    },
    attempt::Attempt,
    seam::Seam,
};
use crate::{
    FinishReason, Message, ProviderError, Thinker, Thought, ThoughtRequest, probe::cut_off,
};

/// A spoken answer that is longer has lost its way: about twenty minutes.
const LONGEST_ANSWER: usize = 16 * 1024;

/// More than a token is long in any language.
const CHARACTERS_PER_TOKEN: usize = 12;

/// No word and no sentence without spaces is that long.
const LONGEST_WORD: usize = 1_000;

const GO_ON: &str = "You were cut off in the middle of your answer. Go on exactly where it stops: \
     do not repeat anything, and do not apologise.";

pub(super) struct Answer {
    roster: Arc<Roster<dyn Thinker>>,
    ledger: Arc<Ledger>,
    request: ThoughtRequest,
    queue: Queue<dyn Thinker>,
    first: Option<Attempt>,
    /// Asked as well, because the first is slow.
    second: Option<Attempt>,
    /// Since when nothing came.
    silent_since: Instant,
    said: String,
    /// How much was said since the last space.
    unbroken: usize,
    has_called: bool,
    seam: Option<Seam>,
    told: VecDeque<Result<Thought, ProviderError>>,
    is_over: bool,
}

enum Step {
    First(Option<Result<Thought, ProviderError>>),
    Second(Option<Result<Thought, ProviderError>>),
    AskSecond,
    Late,
}

impl Answer {
    pub(super) fn new(
        roster: Arc<Roster<dyn Thinker>>,
        ledger: Arc<Ledger>,
        request: ThoughtRequest,
    ) -> Self {
        let queue = roster.queue(&ledger);
        Self {
            roster,
            ledger,
            request,
            queue,
            first: None,
            second: None,
            silent_since: Instant::now(),
            said: String::new(),
            unbroken: 0,
            has_called: false,
            seam: None,
            told: VecDeque::new(),
            is_over: false,
        }
    }

    pub(super) async fn next(&mut self) -> Option<Result<Thought, ProviderError>> {
        // Who does not ask does not wait.
        self.silent_since = Instant::now();
        loop {
            if let Some(told) = self.told.pop_front() {
                return Some(told);
            }
            if self.is_over {
                return None;
            }
            if self.first.is_none() {
                self.ask_next();
                continue;
            }
            match self.step().await {
                Step::First(thought) => self.handle_first(thought),
                Step::Second(thought) => self.handle_second(thought),
                Step::AskSecond => self.second = self.attempt(),
                Step::Late => self.handle_late(),
            }
        }
    }

    /// Waits for what comes next.
    async fn step(&mut self) -> Step {
        let late = self.deadline();
        let hedge = self.hedge();
        let Self { first, second, .. } = self;
        let first = first.as_mut().expect("somebody is asked");
        tokio::select! {
            biased;
            thought = first.next() => Step::First(thought),
            thought = next_of(second.as_mut()) => Step::Second(thought),
            () = at(hedge) => Step::AskSecond,
            () = sleep_until(late) => Step::Late,
        }
    }

    fn settings(&self) -> &Settings {
        &self.roster.settings
    }

    fn deadline(&self) -> Instant {
        let settings = self.settings();
        let Some(first) = &self.first else {
            return self.silent_since;
        };
        let has_successor = !self.queue.is_empty() || self.second.is_some();
        let (since, patience) = if first.has_spoken {
            (self.silent_since, settings.between)
        } else {
            (first.begun, settings.first)
        };
        since
            + if has_successor {
                patience
            } else {
                settings.patience
            }
    }

    /// Returns when a second one is asked as well.
    fn hedge(&self) -> Option<Instant> {
        let Warmth::Warm { after } = self.settings().warmth else {
            return None;
        };
        let first = self.first.as_ref()?;
        let needed = !first.has_spoken && self.second.is_none() && !self.queue.is_empty();
        needed.then(|| first.begun + after)
    }

    /// Asks the next in line, or ends with what there is to say about it.
    fn ask_next(&mut self) {
        self.first = self.second.take().or_else(|| self.attempt());
        self.silent_since = Instant::now();
        if self.first.is_none() {
            self.told.push_back(Err(self.roster.nobody()));
            self.is_over = true;
        }
    }

    fn attempt(&mut self) -> Option<Attempt> {
        let candidate = self.queue.pop_front()?;
        let mut request = self.request.clone();
        if !self.said.trim().is_empty() {
            request.messages.push(Message::Agent {
                text: self.said.clone(),
                calls: Vec::new(),
            });
            request.messages.push(Message::Note(GO_ON.to_owned()));
        }
        Some(Attempt::begin(candidate, request))
    }

    fn handle_first(&mut self, thought: Option<Result<Thought, ProviderError>>) {
        match thought {
            Some(Ok(thought)) => self.handle_thought(thought),
            Some(Err(error)) => self.handle_failure(error),
            None => {
                let error = self
                    .first
                    .as_ref()
                    .map(|a| cut_off(a.candidate.provider.name()));
                self.handle_failure(error.unwrap_or_else(|| self.roster.nobody()));
            }
        }
    }

    /// The second has overtaken the first, or has failed.
    fn handle_second(&mut self, thought: Option<Result<Thought, ProviderError>>) {
        let Some(second) = self.second.take() else {
            return;
        };
        match thought {
            Some(Ok(thought)) => {
                let slow = self.first.replace(second);
                if let Some(slow) = slow {
                    let error = ProviderError::Stalled {
                        provider: slow.candidate.provider.name().clone(),
                        waited: slow.waited(),
                    };
                    self.blame(&slow, &error);
                }
                self.handle_thought(thought);
            }
            Some(Err(error)) => self.blame(&second, &error),
            None => {
                let error = cut_off(second.candidate.provider.name());
                self.blame(&second, &error);
            }
        }
    }

    fn handle_late(&mut self) {
        let Some(first) = &self.first else { return };
        let error = ProviderError::Stalled {
            provider: first.candidate.provider.name().clone(),
            waited: self.silence(first),
        };
        self.handle_failure(error);
    }

    fn handle_failure(&mut self, error: ProviderError) {
        if let Some(first) = self.first.take() {
            self.blame(&first, &error);
        }
        if self.has_called {
            // The tools' answers are asked about next; another call could be made twice.
            self.finish(FinishReason::Calls);
        } else if self.second.is_none() && self.queue.is_empty() {
            self.told.push_back(Err(error));
            self.is_over = true;
        } else if !self.said.is_empty() {
            self.seam = Some(Seam::after(&self.said));
        }
    }

    fn handle_thought(&mut self, thought: Thought) {
        self.silent_since = Instant::now();
        if !matches!(thought, Thought::Tokens(_)) {
            self.note_first_piece();
        }
        match thought {
            Thought::Text(text) => self.handle_text(&text),
            Thought::Call(call) => {
                self.flush_seam();
                self.has_called = true;
                self.told.push_back(Ok(Thought::Call(call)));
            }
            Thought::Tokens(tokens) => {
                let usage = Usage {
                    tokens,
                    ..Usage::default()
                };
                if let Some(first) = &self.first {
                    self.roster.used(&self.ledger, &first.candidate, &usage);
                }
                self.told.push_back(Ok(Thought::Tokens(tokens)));
            }
            Thought::Incident(incident) => self.told.push_back(Ok(Thought::Incident(incident))),
            Thought::Finished(reason) => {
                self.flush_seam();
                self.close_account();
                self.finish(reason);
            }
        }
    }

    fn handle_text(&mut self, text: &str) {
        let new = match &mut self.seam {
            Some(seam) => seam.push(text),
            None => text.to_owned(),
        };
        self.say(new);
        let limit = self.request.max_tokens.map_or(LONGEST_ANSWER, |tokens| {
            LONGEST_ANSWER.min(tokens as usize * CHARACTERS_PER_TOKEN)
        });
        let written = self.first.as_ref().map_or(0, Attempt::written);
        if written.max(self.said.len()) > limit || self.unbroken > LONGEST_WORD {
            self.handle_endless();
        }
    }

    /// It does not stop by itself. What it said stays said.
    fn handle_endless(&mut self) {
        if let Some(first) = self.first.take() {
            let error = ProviderError::Garbled {
                provider: first.candidate.provider.name().clone(),
                source: "the answer does not end".into(),
            };
            self.blame(&first, &error);
        }
        self.finish(FinishReason::Length);
    }

    fn say(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        match text.rfind(char::is_whitespace) {
            Some(at) => self.unbroken = text.len() - at,
            None => self.unbroken += text.len(),
        }
        self.said.push_str(&text);
        self.told.push_back(Ok(Thought::Text(text)));
    }

    fn flush_seam(&mut self) {
        if let Some(mut seam) = self.seam.take() {
            let held = seam.finish();
            self.say(held);
        }
    }

    fn note_first_piece(&mut self) {
        let Some(first) = &mut self.first else { return };
        if !first.has_spoken {
            first.has_spoken = true;
            let waited = first.waited();
            self.second = None;
            self.roster.delivered(&first.candidate, waited);
        }
    }

    fn close_account(&self) {
        let Some(first) = &self.first else { return };
        if let Some(usage) = first.untold_usage() {
            self.roster.used(&self.ledger, &first.candidate, &usage);
        }
    }

    fn finish(&mut self, reason: FinishReason) {
        self.told.push_back(Ok(Thought::Finished(reason)));
        (self.first, self.second) = (None, None);
        self.is_over = true;
    }

    /// Tells whose fault it was and who goes on.
    fn blame(&mut self, attempt: &Attempt, error: &ProviderError) {
        if let Some(usage) = attempt.untold_usage() {
            self.roster.used(&self.ledger, &attempt.candidate, &usage);
        }
        let next = if self.has_called {
            None
        } else {
            let going_on = self.first.as_ref().or(self.second.as_ref());
            let candidate = going_on.map(|a| &a.candidate).or(self.queue.front());
            candidate.map(|candidate| candidate.provider.name().clone())
        };
        let waited = self.silence(attempt);
        let incident: Incident = self.roster.failed(&attempt.candidate, error, waited, next);
        self.told.push_back(Ok(Thought::Incident(incident)));
    }

    fn silence(&self, attempt: &Attempt) -> Duration {
        if attempt.has_spoken {
            self.silent_since.elapsed()
        } else {
            attempt.waited()
        }
    }
}

async fn next_of(attempt: Option<&mut Attempt>) -> Option<Result<Thought, ProviderError>> {
    match attempt {
        Some(attempt) => attempt.next().await,
        None => std::future::pending().await,
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
