//! One person's speech, by as many transcribers as it takes.

use std::{sync::Arc, time::Duration};

use room_media::SampleRate;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    super::{Candidate, Ledger, Usage, Warmth, roster::Roster},
    ear::Ear,
    stretch::Stretch,
};
use crate::{
    Heard, ListenOptions, ProviderError, ProviderName, Transcriber, TranscriptionInput,
    probe::cut_off,
};

/// Who tells interims says something about so much speech.
const UNANSWERED: Duration = Duration::from_secs(3);

/// A longer stretch takes longer to transcribe: so much of its length is added to the deadline.
const SHARE: u32 = 5;

pub(super) struct Relay {
    roster: Arc<Roster<dyn Transcriber>>,
    ledger: Arc<Ledger>,
    options: ListenOptions,
    rate: SampleRate,
    results: mpsc::Sender<Result<Heard, ProviderError>>,
    stretch: Stretch,
    /// Connected and unused.
    spare: Option<Ear>,
    /// Who was asked since the last result.
    tried: Vec<ProviderName>,
    /// Whether all are asked for the second time.
    is_last_round: bool,
    is_closing: bool,
}

/// All was told, or nobody listens.
struct Over;

enum Step {
    Told(Result<Option<Heard>, ProviderError>),
    Spare(Result<Option<Heard>, ProviderError>),
    Input(Option<TranscriptionInput>),
    Late,
    Unheard,
}

impl Relay {
    pub(super) fn new(
        (roster, ledger): (Arc<Roster<dyn Transcriber>>, Arc<Ledger>),
        options: ListenOptions,
        rate: SampleRate,
        results: mpsc::Sender<Result<Heard, ProviderError>>,
    ) -> Self {
        Self {
            roster,
            ledger,
            options,
            rate,
            results,
            stretch: Stretch::new(rate),
            spare: None,
            tried: Vec::new(),
            is_last_round: false,
            is_closing: false,
        }
    }

    pub(super) async fn run(mut self, mut sounds: mpsc::Receiver<TranscriptionInput>) {
        let Some(mut ear) = self.open_next() else {
            let nobody = Err(self.roster.nobody());
            // Nobody listens any more: there is nobody to tell.
            let _ = self.results.send(nobody).await;
            return;
        };
        if let Warmth::Warm { .. } = self.roster.settings.warmth {
            self.spare = self.open_next();
        }
        while let Ok(next) = self.advance(ear, &mut sounds).await {
            ear = next;
        }
    }

    /// Does the next thing, and returns who listens then.
    async fn advance(
        &mut self,
        mut ear: Ear,
        sounds: &mut mpsc::Receiver<TranscriptionInput>,
    ) -> Result<Ear, Over> {
        let deadline = self.deadline(&ear);
        let step = tokio::select! {
            biased;
            () = self.results.closed() => Step::Unheard,
            told = ear.next() => Step::Told(told),
            told = next_of(self.spare.as_mut()) => Step::Spare(told),
            sound = sounds.recv(), if !self.is_closing => Step::Input(sound),
            () = at(deadline) => Step::Late,
        };
        match step {
            Step::Unheard => {
                self.close_account(&ear);
                Err(Over)
            }
            Step::Told(Ok(Some(heard))) => self.handle_heard(ear, heard).await,
            Step::Told(Ok(None)) if self.is_closing => {
                self.close_account(&ear);
                Err(Over)
            }
            Step::Told(Ok(None)) => {
                let error = cut_off(ear.candidate.provider.name());
                self.handle_failure(ear, error).await
            }
            Step::Told(Err(error)) => self.handle_failure(ear, error).await,
            Step::Spare(told) => {
                self.handle_spare(told);
                Ok(ear)
            }
            Step::Input(input) => {
                self.handle_input(&mut ear, input);
                Ok(ear)
            }
            // It may have become ready meanwhile, which gives it more time.
            Step::Late if self.deadline(&ear).is_none_or(|at| at > Instant::now()) => Ok(ear),
            Step::Late => {
                let error = ProviderError::Stalled {
                    provider: ear.candidate.provider.name().clone(),
                    waited: ear.silent_since.elapsed(),
                };
                self.handle_failure(ear, error).await
            }
        }
    }

    /// Returns until when something has to come, if anything has to.
    fn deadline(&self, ear: &Ear) -> Option<Instant> {
        let settings = &self.roster.settings;
        let mut all = self.roster.candidates().iter();
        let has_successor = self.spare.is_some() || all.any(|c| self.is_untried(c));
        let within = |patience| {
            if has_successor {
                patience
            } else {
                settings.patience
            }
        };
        let of_stretch = self.stretch.length() / SHARE;
        let opening = ear.is_opening().then(|| ear.begun + within(settings.open));
        let is_awaited = self.stretch.is_asked_for() || self.is_closing;
        let result = is_awaited.then(|| ear.silent_since + within(settings.first) + of_stretch);
        let capabilities = ear.candidate.provider.capabilities();
        let interim = (capabilities.interim && ear.unanswered >= UNANSWERED)
            .then(|| ear.silent_since + UNANSWERED + within(settings.between) + of_stretch);
        let stuck = (!ear.is_opening())
            .then(|| ear.stuck_since())
            .flatten()
            .map(|since| since + within(settings.between));
        opening
            .into_iter()
            .chain(result)
            .chain(interim)
            .chain(stuck)
            .min()
    }

    fn is_untried(&self, candidate: &Candidate<dyn Transcriber>) -> bool {
        !self.tried.contains(candidate.provider.name())
    }

    fn open_next(&mut self) -> Option<Ear> {
        let mut queue = self.roster.queue(&self.ledger).into_iter();
        let candidate = queue.find(|candidate| self.is_untried(candidate))?;
        self.tried.push(candidate.provider.name().clone());
        Some(Ear::open(candidate, self.options.clone(), self.rate))
    }

    fn handle_input(&mut self, ear: &mut Ear, input: Option<TranscriptionInput>) {
        let was_asked_for = self.stretch.is_asked_for();
        match &input {
            Some(TranscriptionInput::Audio(samples)) => {
                if self.stretch.push(Arc::clone(samples)) {
                    if ear.unanswered.is_zero() && !was_asked_for {
                        ear.silent_since = Instant::now();
                    }
                    ear.unanswered += self.rate.duration_of(samples.len());
                }
            }
            Some(TranscriptionInput::Finalize) => self.stretch.finalize(),
            None => {
                self.is_closing = true;
                ear.close();
            }
        }
        if !was_asked_for && (self.stretch.is_asked_for() || self.is_closing) {
            ear.silent_since = Instant::now();
        }
        if let Some(input) = input {
            ear.tell(input);
        }
    }

    async fn handle_heard(&mut self, mut ear: Ear, heard: Heard) -> Result<Ear, Over> {
        if !matches!(heard, Heard::Incident(_) | Heard::Charged(_)) {
            self.note_result(&mut ear);
        }
        let heard = match heard {
            Heard::Covered(until) => {
                ear.tells_places = true;
                let place = ear.offset + until;
                self.stretch.handle_covered(place);
                Heard::Covered(place)
            }
            Heard::Final(transcript) => {
                if !ear.tells_places {
                    self.stretch.handle_final();
                }
                Heard::Final(transcript)
            }
            Heard::Charged(duration) => {
                ear.has_charged = true;
                self.charge(&ear, duration);
                Heard::Charged(duration)
            }
            Heard::Interim(_) | Heard::EndOfTurn | Heard::Incident(_) => heard,
        };
        tell(&self.results, Ok(heard)).await?;
        // Whoever takes the results slowly is not the transcriber's fault.
        ear.silent_since = Instant::now();
        Ok(ear)
    }

    fn note_result(&mut self, ear: &mut Ear) {
        ear.unanswered = Duration::ZERO;
        if !ear.has_told {
            ear.has_told = true;
            self.roster
                .delivered(&ear.candidate, ear.silent_since.elapsed());
        }
        self.is_last_round = false;
        self.tried.clear();
        self.tried.push(ear.candidate.provider.name().clone());
        if let Some(spare) = &self.spare {
            self.tried.push(spare.candidate.provider.name().clone());
        }
    }

    /// Lets the next one hear the present stretch, or says why nobody does.
    async fn handle_failure(&mut self, ear: Ear, error: ProviderError) -> Result<Ear, Over> {
        self.close_account(&ear);
        if self.is_closing && !self.stretch.has_speech() {
            return Err(Over);
        }
        let mut next = self.spare.take().or_else(|| self.open_next());
        if next.is_none() && !self.is_last_round && error.may_pass() {
            // A call is long: whoever failed may be back.
            self.is_last_round = true;
            self.tried.clear();
            next = self.open_next();
        }
        let name = next.as_ref().map(|e| e.candidate.provider.name().clone());
        let waited = ear.silent_since.elapsed();
        let incident = self.roster.failed(&ear.candidate, &error, waited, name);
        tell(&self.results, Ok(Heard::Incident(incident))).await?;
        drop(ear);
        let Some(mut next) = next else {
            tell(&self.results, Err(error)).await?;
            return Err(Over);
        };
        next.take_over(&self.stretch);
        if self.is_closing {
            next.close();
        }
        Ok(next)
    }

    /// A spare that does not hold is no loss at present.
    fn handle_spare(&mut self, told: Result<Option<Heard>, ProviderError>) {
        let error = match told {
            Ok(Some(_)) => return,
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if let Some(spare) = self.spare.take() {
            let error = error.unwrap_or_else(|| cut_off(spare.candidate.provider.name()));
            let waited = spare.begun.elapsed();
            self.roster.failed(&spare.candidate, &error, waited, None);
        }
    }

    /// Estimates what it cost when it did not tell.
    fn close_account(&self, ear: &Ear) {
        if !ear.has_charged {
            self.charge(ear, ear.given);
        }
    }

    fn charge(&self, ear: &Ear, heard: Duration) {
        let usage = Usage {
            heard,
            ..Usage::default()
        };
        self.roster.used(&self.ledger, &ear.candidate, &usage);
    }
}

async fn tell(
    results: &mpsc::Sender<Result<Heard, ProviderError>>,
    result: Result<Heard, ProviderError>,
) -> Result<(), Over> {
    results.send(result).await.map_err(|_| Over)
}

async fn next_of(ear: Option<&mut Ear>) -> Result<Option<Heard>, ProviderError> {
    match ear {
        Some(ear) => ear.next().await,
        None => std::future::pending().await,
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
