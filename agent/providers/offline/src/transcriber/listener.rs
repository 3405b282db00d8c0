//! Listens to one speaker: cuts the sound into utterances and tells what was heard.

use std::{future, sync::Arc, time::Duration};

use agent_contract::{Heard, ProviderError, ProviderName, Transcript, TranscriptionInput};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    time::timeout,
};

use super::{
    RATE,
    decoders::{AllBusy, Decoders, Told, Utterance, Voice},
    gate::Gate,
};
use crate::{
    error::{busy, failed, stalled},
    grammar::Grammar,
};

/// An utterance that nobody ended is over after so much silence.
const SILENCE: Duration = Duration::from_secs(2);
/// Longer ones are cut here.
const LONGEST: Duration = Duration::from_secs(30);
/// The last word comes after 5 ms as a rule; later when the decoders are taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// One speaker's ear.
pub(super) struct Listener {
    name: ProviderName,
    decoders: Arc<Decoders>,
    grammar: Arc<Grammar>,
    out: mpsc::Sender<Result<Heard, ProviderError>>,
    gate: Gate,
    open: Option<Open>,
    voice: Voice,
}

struct Open {
    utterance: Utterance,
    lasts: Duration,
}

/// Why listening ends.
enum End {
    /// Nobody wants to know any more.
    Deaf,
    /// It cannot go on.
    Broken(ProviderError),
}

impl Listener {
    pub(super) fn new(
        name: ProviderName,
        decoders: Arc<Decoders>,
        grammar: Arc<Grammar>,
        out: mpsc::Sender<Result<Heard, ProviderError>>,
    ) -> Self {
        Self {
            name,
            decoders,
            grammar,
            out,
            gate: Gate::default(),
            open: None,
            voice: Voice::default(),
        }
    }

    pub(super) async fn run(mut self, mut input: mpsc::Receiver<TranscriptionInput>) {
        if let Err(End::Broken(error)) = self.listen(&mut input).await {
            self.out.send(Err(error)).await.ok();
        }
    }

    async fn listen(&mut self, input: &mut mpsc::Receiver<TranscriptionInput>) -> Result<(), End> {
        loop {
            tokio::select! {
                biased;
                told = next(&mut self.open) => self.handle_told(told).await?,
                next = input.recv() => match next {
                    Some(TranscriptionInput::Audio(samples)) => self.handle_audio(samples).await?,
                    Some(TranscriptionInput::Finalize) => self.finish().await?,
                    None => break,
                },
            }
        }
        if self.open.is_some() {
            self.finish().await?;
        }
        Ok(())
    }

    async fn handle_audio(&mut self, samples: Arc<[i16]>) -> Result<(), End> {
        self.gate.handle(&samples);
        let Some(open) = &mut self.open else {
            return self.maybe_begin();
        };
        open.lasts += RATE.duration_of(samples.len());
        let over = self.gate.quiet() >= SILENCE || open.lasts >= LONGEST;
        match open.utterance.pieces.try_send(samples) {
            // A closed one has failed and will say so.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => return Err(self.all_busy()),
        }
        if over { self.finish().await } else { Ok(()) }
    }

    fn maybe_begin(&mut self) -> Result<(), End> {
        if !self.gate.is_open() {
            return Ok(());
        }
        let utterance = self.decoders.begin(&self.grammar, self.voice);
        let utterance = utterance.map_err(|AllBusy| self.all_busy())?;
        let run_up = self.gate.take_run_up();
        let lasts = RATE.duration_of(run_up.len());
        let first = utterance.pieces.try_send(run_up.into());
        first.expect("the queue of a new utterance is empty");
        self.open = Some(Open { utterance, lasts });
        Ok(())
    }

    /// Ends the utterance and tells what it was; an empty text when there was none.
    async fn finish(&mut self) -> Result<(), End> {
        let Some(Open { utterance, .. }) = self.open.take() else {
            return self.tell(Heard::Final(Transcript::default())).await;
        };
        let Utterance { pieces, mut told } = utterance;
        drop(pieces);
        let last = async {
            loop {
                match told.recv().await {
                    Some(Told::Interim(_)) => {}
                    Some(Told::Final(heard)) => return Some(heard),
                    None => return None,
                }
            }
        };
        match timeout(PATIENCE, last).await {
            Ok(heard) => self.handle_told(heard.map(Told::Final)).await,
            Err(_) => Err(End::Broken(stalled(&self.name, PATIENCE))),
        }
    }

    async fn handle_told(&mut self, told: Option<Told>) -> Result<(), End> {
        match told {
            Some(Told::Interim(text)) => self.tell(Heard::Interim(Transcript::of(text))).await,
            Some(Told::Final(Ok((transcript, voice)))) => {
                self.voice = voice;
                self.open = None;
                self.tell(Heard::Final(transcript)).await
            }
            Some(Told::Final(Err(error))) => Err(End::Broken(failed(&self.name, error))),
            None => Err(End::Broken(busy(&self.name, "its decoder has ended"))),
        }
    }

    async fn tell(&self, heard: Heard) -> Result<(), End> {
        self.out.send(Ok(heard)).await.map_err(|_| End::Deaf)
    }

    fn all_busy(&self) -> End {
        End::Broken(busy(&self.name, "all decoders are taken"))
    }
}

/// Waits for what the decoder tells; for ever when no utterance is open.
async fn next(open: &mut Option<Open>) -> Option<Told> {
    match open {
        Some(open) => open.utterance.told.recv().await,
        None => future::pending().await,
    }
}
