//! One reply, by as many speakers as it takes.

use std::{sync::Arc, time::Duration};

use room_media::SampleRate;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    super::{
        Ledger, Usage, Warmth,
        roster::{Queue, Roster},
    },
    script::Script,
    voice::Voice,
};
use crate::{
    ProviderError, SpeakOptions, Speaker, SpeakerCapabilities, SpeechEvent, SpeechInput, Spoken,
};

pub(super) struct Relay {
    roster: Arc<Roster<dyn Speaker>>,
    ledger: Arc<Ledger>,
    options: SpeakOptions,
    rate: SampleRate,
    queue: Queue<dyn Speaker>,
    sounds: mpsc::Sender<Result<SpeechEvent, ProviderError>>,
    script: Script,
    /// The sound so far, of all.
    sound: Duration,
    /// Connected and unused.
    spare: Option<Voice>,
}

/// All was told, or nobody listens.
struct Over;

enum Step {
    Told(Result<SpeechEvent, ProviderError>),
    Spare(Result<SpeechEvent, ProviderError>),
    Input(Option<SpeechInput>),
    Late,
    Unheard,
}

impl Relay {
    pub(super) fn new(
        (roster, ledger): (Arc<Roster<dyn Speaker>>, Arc<Ledger>),
        options: SpeakOptions,
        capabilities: SpeakerCapabilities,
        sounds: mpsc::Sender<Result<SpeechEvent, ProviderError>>,
    ) -> Self {
        let queue = roster.queue(&ledger);
        Self {
            roster,
            ledger,
            options,
            rate: capabilities.sample_rate,
            queue,
            sounds,
            script: Script::default(),
            sound: Duration::ZERO,
            spare: None,
        }
    }

    pub(super) async fn run(mut self, mut texts: mpsc::Receiver<SpeechInput>) {
        let Some(mut voice) = self.open_next() else {
            let nobody = Err(self.roster.nobody());
            // Nobody listens any more: there is nobody to tell.
            let _ = self.sounds.send(nobody).await;
            return;
        };
        if let Warmth::Warm { .. } = self.roster.settings.warmth {
            self.spare = self.open_next();
        }
        while let Ok(next) = self.advance(voice, &mut texts).await {
            voice = next;
        }
    }

    /// Does the next thing, and returns who speaks then.
    async fn advance(
        &mut self,
        mut voice: Voice,
        texts: &mut mpsc::Receiver<SpeechInput>,
    ) -> Result<Voice, Over> {
        let deadline = self.deadline(&voice);
        let wants_text = !self.script.is_finished && !self.script.is_full();
        let step = tokio::select! {
            biased;
            () = self.sounds.closed() => Step::Unheard,
            told = voice.next() => Step::Told(told),
            told = next_of(self.spare.as_mut()) => Step::Spare(told),
            text = texts.recv(), if wants_text => Step::Input(text),
            () = at(deadline) => Step::Late,
        };
        match step {
            Step::Unheard => {
                self.close_account(&voice);
                Err(Over)
            }
            Step::Told(Ok(event)) => self.handle_event(voice, event).await,
            Step::Told(Err(error)) => self.handle_failure(voice, error).await,
            Step::Spare(told) => {
                self.handle_spare(told);
                Ok(voice)
            }
            Step::Input(text) => {
                self.handle_text(&mut voice, text.unwrap_or(SpeechInput::Finish));
                Ok(voice)
            }
            // It may have become ready meanwhile, which gives it more time.
            Step::Late if self.deadline(&voice).is_none_or(|at| at > Instant::now()) => Ok(voice),
            Step::Late => {
                let error = ProviderError::Stalled {
                    provider: voice.candidate.provider.name().clone(),
                    waited: voice.silent_since.elapsed(),
                };
                self.handle_failure(voice, error).await
            }
        }
    }

    /// Returns until when something has to come, if anything has to.
    fn deadline(&self, voice: &Voice) -> Option<Instant> {
        let settings = &self.roster.settings;
        let has_successor = self.spare.is_some() || !self.queue.is_empty();
        let within = |patience| {
            if has_successor {
                patience
            } else {
                settings.patience
            }
        };
        let is_awaited = voice.progress.is_awaited(&self.script) || self.script.is_finished;
        let sound = is_awaited.then(|| {
            let patience = if voice.has_spoken {
                settings.between
            } else {
                settings.first
            };
            voice.silent_since + within(patience)
        });
        let opening = voice
            .is_opening()
            .then(|| voice.begun + within(settings.open));
        sound.into_iter().chain(opening).min()
    }

    fn open_next(&mut self) -> Option<Voice> {
        let candidate = self.queue.pop_front()?;
        Some(Voice::open(candidate, self.options.clone(), self.rate))
    }

    fn handle_text(&mut self, voice: &mut Voice, input: SpeechInput) {
        let was_awaited = voice.progress.is_awaited(&self.script);
        match &input {
            SpeechInput::Text(text) => {
                self.script.push(text);
                if !voice.takes_words() {
                    self.script.flush();
                }
            }
            SpeechInput::Flush => self.script.flush(),
            SpeechInput::Finish => self.script.finish(),
        }
        if !was_awaited {
            voice.silent_since = Instant::now();
        }
        voice.tell(input);
    }

    async fn handle_event(&mut self, mut voice: Voice, event: SpeechEvent) -> Result<Voice, Over> {
        match event {
            SpeechEvent::Audio(spoken) => return self.handle_sound(voice, spoken).await,
            SpeechEvent::Words(mut words) => {
                voice.progress.handle_words(&words, &mut self.script);
                for word in &mut words {
                    word.from += voice.offset;
                    word.to += voice.offset;
                }
                tell(&self.sounds, SpeechEvent::Words(words)).await?;
            }
            SpeechEvent::Charged(characters) => {
                voice.has_charged = true;
                let usage = Usage {
                    characters,
                    ..Usage::default()
                };
                self.roster.used(&self.ledger, &voice.candidate, &usage);
                tell(&self.sounds, SpeechEvent::Charged(characters)).await?;
            }
            SpeechEvent::Incident(incident) => {
                tell(&self.sounds, SpeechEvent::Incident(incident)).await?
            }
            SpeechEvent::Finished if self.script.is_finished => {
                return self.finish(voice).await;
            }
            SpeechEvent::Finished => {
                let error = crate::probe::cut_off(voice.candidate.provider.name());
                return self.handle_failure(voice, error).await;
            }
        }
        Ok(voice)
    }

    async fn handle_sound(&mut self, mut voice: Voice, spoken: Spoken) -> Result<Voice, Over> {
        let text_until = spoken.text_until;
        if !voice.has_spoken && !spoken.samples.is_empty() {
            voice.has_spoken = true;
            let waited = voice.silent_since.elapsed();
            self.roster.delivered(&voice.candidate, waited);
        }
        let own_rate = voice.candidate.provider.capabilities().sample_rate;
        let duration = own_rate.duration_of(spoken.samples.len());
        voice
            .progress
            .handle_sound(duration, text_until, &mut self.script);
        let base = voice.progress.base();
        let piece = Spoken {
            samples: voice.fit(spoken.samples),
            text_until: text_until.map(|until| base + until),
        };
        self.sound += self.rate.duration_of(piece.samples.len());
        tell(&self.sounds, SpeechEvent::Audio(piece)).await?;
        // Whoever takes the sound slowly is not the speaker's fault.
        voice.silent_since = Instant::now();
        if voice.progress.is_endless(voice.given) {
            self.script.spoken_until(self.script.end());
            let error = ProviderError::Garbled {
                provider: voice.candidate.provider.name().clone(),
                source: "the speech does not end".into(),
            };
            return self.handle_failure(voice, error).await;
        }
        Ok(voice)
    }

    /// Lets the next one go on, or says why nobody does.
    async fn handle_failure(&mut self, voice: Voice, error: ProviderError) -> Result<Voice, Over> {
        voice.progress.guess(&mut self.script);
        self.close_account(&voice);
        let has_said_all =
            self.script.is_finished && !self.script.rest().contains(char::is_alphanumeric);
        let next = if has_said_all {
            None
        } else {
            self.spare.take().or_else(|| self.open_next())
        };
        let name = next.as_ref().map(|v| v.candidate.provider.name().clone());
        let waited = voice.silent_since.elapsed();
        let incident = self.roster.failed(&voice.candidate, &error, waited, name);
        tell(&self.sounds, SpeechEvent::Incident(incident)).await?;
        if has_said_all {
            return self.finish(voice).await;
        }
        drop(voice);
        let Some(mut next) = next else {
            // Nobody listens any more: there is nobody to tell.
            let _ = self.sounds.send(Err(error)).await;
            return Err(Over);
        };
        next.take_over(&self.script, self.sound);
        Ok(next)
    }

    /// A spare that does not hold is no loss to this reply.
    fn handle_spare(&mut self, told: Result<SpeechEvent, ProviderError>) {
        let Err(error) = told else { return };
        if let Some(spare) = self.spare.take() {
            let waited = spare.begun.elapsed();
            self.roster.failed(&spare.candidate, &error, waited, None);
        }
    }

    async fn finish(&mut self, mut voice: Voice) -> Result<Voice, Over> {
        let samples = voice.fit_rest();
        if !samples.is_empty() {
            let rest = Spoken {
                samples,
                text_until: None,
            };
            tell(&self.sounds, SpeechEvent::Audio(rest)).await?;
        }
        self.close_account(&voice);
        tell(&self.sounds, SpeechEvent::Finished).await?;
        Err(Over)
    }

    /// Estimates what it cost when it did not tell.
    fn close_account(&self, voice: &Voice) {
        if !voice.has_charged && voice.given > 0 {
            let usage = Usage {
                characters: voice.given as u64,
                ..Usage::default()
            };
            self.roster.used(&self.ledger, &voice.candidate, &usage);
        }
    }
}

async fn tell(
    sounds: &mpsc::Sender<Result<SpeechEvent, ProviderError>>,
    event: SpeechEvent,
) -> Result<(), Over> {
    sounds.send(Ok(event)).await.map_err(|_| Over)
}

async fn next_of(voice: Option<&mut Voice>) -> Result<SpeechEvent, ProviderError> {
    match voice {
        Some(voice) => voice.next().await,
        None => std::future::pending().await,
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
