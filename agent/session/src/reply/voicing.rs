//! Has a speaker speak what is written, while it is written.

use std::{collections::VecDeque, future::pending, sync::Arc};

use agent_contract::{ProviderError, ProviderName, Speaker, Speech, SpeechEvent, SpeechInput};
use room_media::{Format, Resampler};
use tokio::{
    sync::mpsc::{self, Permit, error::SendError},
    time::{Instant, sleep_until, timeout},
};

use super::{News, Studio, Teller, now};
use crate::speaking::{Piece, RATE};

/// Speaks until the pieces end and all of it was told.
///
/// # Errors
/// The speaker's own, or that it was silent for too long.
pub(super) async fn voice(
    studio: &Studio,
    speaker: &Arc<dyn Speaker>,
    texts: mpsc::Receiver<Piece>,
    teller: &Teller,
    sounded: &mut bool,
) -> Result<(), ProviderError> {
    let name = speaker.name();
    let patience = studio.patience();
    let speech = timeout(patience, speaker.speak(studio.speak_options()))
        .await
        .map_err(|_| ProviderError::Stalled {
            provider: name.clone(),
            waited: patience,
        })??;
    let from = Format::mono(speaker.capabilities().sample_rate);
    let resampler = Resampler::new(from, RATE).map_err(|error| ProviderError::Garbled {
        provider: name.clone(),
        source: error.into(),
    })?;
    let Speech {
        input,
        mut spoken,
        task: _task,
    } = speech;
    let mut voicing = Voicing {
        name,
        patience,
        texts,
        input: Some(input),
        waiting: VecDeque::new(),
        resampler,
        asked: false,
        heard: false,
        since: Instant::now(),
    };
    loop {
        tokio::select! {
            biased;
            event = spoken.recv() => {
                let event = event.unwrap_or_else(|| Err(voicing.broke_off()))?;
                if voicing.handle(event, teller, sounded).await {
                    return Ok(());
                }
            }
            step = voicing.step() => match step {
                Step::Written(Some(piece)) => {
                    teller.tell(News::Text(piece.text.clone())).await;
                    voicing.take_in(piece);
                }
                // There was nothing to say.
                Step::Written(None) if !voicing.asked => return Ok(()),
                Step::Written(None) => voicing.waiting.push_back(SpeechInput::Finish),
                Step::HandedOver => {}
                Step::Stalled => {
                    return Err(ProviderError::Stalled {
                        provider: name.clone(),
                        waited: patience,
                    });
                }
            },
        }
    }
}

/// What a voicing did, or what happened to it.
enum Step {
    Written(Option<Piece>),
    HandedOver,
    Stalled,
}

struct Voicing<'a> {
    name: &'a ProviderName,
    patience: std::time::Duration,
    texts: mpsc::Receiver<Piece>,
    /// Gone once all was handed over.
    input: Option<mpsc::Sender<SpeechInput>>,
    /// At most a piece and its flush.
    waiting: VecDeque<SpeechInput>,
    resampler: Resampler,
    /// Whether anything was handed over that can be spoken.
    asked: bool,
    /// Whether it has made a sound.
    heard: bool,
    /// When the speaker was last heard of, or was first asked.
    since: Instant,
}

impl Voicing<'_> {
    /// Takes in text, or hands over what waits, without holding up what comes back.
    async fn step(&mut self) -> Step {
        let stalled = self.deadline();
        let reads = self.waiting.is_empty() && self.input.is_some();
        let input = self.input.clone();
        let permit = tokio::select! {
            biased;
            piece = self.texts.recv(), if reads => return Step::Written(piece),
            permit = reserve(input.as_ref()), if !reads => permit,
            () = reached(stalled) => return Step::Stalled,
        };
        let Ok(permit) = permit else {
            // The speaker is gone; its last words say why.
            self.input = None;
            self.waiting.clear();
            return Step::HandedOver;
        };
        let next = self.waiting.pop_front();
        let is_last = next == Some(SpeechInput::Finish);
        if let Some(next) = next {
            permit.send(next);
        }
        if is_last {
            self.input = None;
            self.since = Instant::now();
        }
        Step::HandedOver
    }

    fn take_in(&mut self, piece: Piece) {
        if !self.asked {
            self.asked = true;
            self.since = Instant::now();
        }
        self.waiting.push_back(SpeechInput::Text(piece.text));
        if piece.complete {
            self.waiting.push_back(SpeechInput::Flush);
        }
    }

    /// Takes in what the speaker tells; returns whether that was all.
    async fn handle(&mut self, event: SpeechEvent, teller: &Teller, sounded: &mut bool) -> bool {
        let at = now();
        match event {
            SpeechEvent::Audio(spoken) => {
                let mut samples = Vec::new();
                self.resampler.process(&spoken.samples, &mut samples);
                *sounded |= !samples.is_empty();
                self.heard = true;
                teller
                    .tell(News::Sound {
                        at,
                        samples,
                        text_until: spoken.text_until,
                    })
                    .await;
            }
            SpeechEvent::Incident(incident) => teller.replaced(&incident).await,
            SpeechEvent::Words(words) => teller.tell(News::Words(words)).await,
            SpeechEvent::Finished => {
                let mut samples = Vec::new();
                self.resampler.finish(&mut samples);
                let text_until = None;
                teller
                    .tell(News::Sound {
                        at,
                        samples,
                        text_until,
                    })
                    .await;
                return true;
            }
            _ => {}
        }
        self.since = Instant::now();
        false
    }

    /// Returns when the speaker has been silent for too long: before its first sound, and after the last text.
    fn deadline(&self) -> Option<Instant> {
        let waits = self.input.is_none() || (self.asked && !self.heard);
        waits.then(|| self.since + self.patience)
    }

    fn broke_off(&self) -> ProviderError {
        ProviderError::Unavailable {
            provider: self.name.clone(),
            retry_after: None,
            source: "it stopped in mid-speech".into(),
        }
    }
}

async fn reserve(
    input: Option<&mpsc::Sender<SpeechInput>>,
) -> Result<Permit<'_, SpeechInput>, SendError<()>> {
    match input {
        Some(input) => input.reserve().await,
        None => pending().await,
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
