//! The decoders: a thread each, utterances wait for the next free one.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use agent_contract::Transcript;
use tokio::sync::mpsc;

use super::{DecoderSettings, verdict::Found};
use crate::{
    grammar::Grammar,
    pocketsphinx::{self, Channel, Decoder, Search},
    shared_library::EngineError,
};

/// Utterances that wait for a decoder. When it is full, the newest is refused: its speaker is asked to say it again.
const QUEUE: usize = 32;
/// Pieces of sound of one utterance that wait for its decoder, 20 ms each: 40 s, longer than any utterance lasts.
/// When it is full the utterance is given up.
const PIECES: usize = 2_000;
/// What was told of an utterance and not yet taken. Interim texts are left out when it is nearly full.
const TOLD: usize = 8;
/// Interim texts come with every so many pieces: ten a second.
const INTERIM_EVERY: usize = 5;
/// More would take memory that is better used otherwise.
const MOST: usize = 4;

/// A few decoders, each on a thread of its own. The threads end when this and all utterances are dropped.
#[derive(Debug)]
pub struct Decoders {
    queue: Result<mpsc::Sender<Job>, EngineError>,
}

/// An utterance being decoded. Dropping `pieces` ends it, dropping `told` abandons it.
#[derive(Debug)]
pub(super) struct Utterance {
    pub pieces: mpsc::Sender<Arc<[i16]>>,
    pub told: mpsc::Receiver<Told>,
}

/// What a decoder tells of an utterance.
#[derive(Debug)]
pub(super) enum Told {
    Interim(String),
    /// The last word.
    Final(Result<(Transcript, Voice), EngineError>),
}

/// What the decoders learned of a speaker; the next utterance is heard better with it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Voice {
    free: Option<Channel>,
    strict: Option<Channel>,
}

/// All decoders are taken and many utterances wait.
#[derive(Debug)]
pub(super) struct AllBusy;

#[derive(Debug)]
struct Job {
    voice: Voice,
    grammar: Arc<Grammar>,
    pieces: mpsc::Receiver<Arc<[i16]>>,
    told: mpsc::Sender<Told>,
}

impl Decoders {
    /// Starts the threads; each loads its models at once. What is missing is told by whoever
    /// [listens](super::OfflineTranscriber).
    #[must_use]
    pub fn start(settings: &DecoderSettings) -> Arc<Self> {
        Arc::new(Self {
            queue: Self::try_start(settings),
        })
    }

    fn try_start(settings: &DecoderSettings) -> Result<mpsc::Sender<Job>, EngineError> {
        pocketsphinx::check()?;
        if !settings.models.join("en-us.lm.bin").exists() {
            return Err(EngineError::Missing {
                what: "the English model of PocketSphinx",
                package: "pocketsphinx-en-us",
            });
        }
        let (queue, jobs) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..settings.decoders.clamp(1, MOST) {
            let (jobs, models) = (Arc::clone(&jobs), settings.models.clone());
            let thread = thread::Builder::new().name("offline-decoder".to_owned());
            let started = thread.spawn(move || decode_all(&jobs, &models));
            started.map_err(|_| EngineError::Failed {
                engine: "PocketSphinx",
                task: "get a thread",
            })?;
        }
        Ok(queue)
    }

    /// Returns whether utterances can be decoded at all.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        self.queue.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Puts an utterance in the queue. Its sound may be sent at once.
    pub(super) fn begin(&self, grammar: &Arc<Grammar>, voice: Voice) -> Result<Utterance, AllBusy> {
        let (pieces, sound) = mpsc::channel(PIECES);
        let (out, told) = mpsc::channel(TOLD);
        let job = Job {
            voice,
            grammar: Arc::clone(grammar),
            pieces: sound,
            told: out,
        };
        let queue = self.queue.as_ref().map_err(|_| AllBusy)?;
        queue.try_send(job).map_err(|_| AllBusy)?;
        Ok(Utterance { pieces, told })
    }
}

fn decode_all(jobs: &Mutex<mpsc::Receiver<Job>>, models: &Path) {
    let mut desk = Desk::open(models);
    loop {
        let next = jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        let Some(mut job) = next else {
            return;
        };
        let heard = match &mut desk {
            Ok(desk) => desk.decode(&mut job),
            Err(error) => Err(error.clone()),
        };
        // There is room for it: interim texts leave one place.
        job.told.try_send(Told::Final(heard)).ok();
    }
}

/// Two decoders side by side: any words, and what the grammar knows.
struct Desk {
    free: Decoder,
    strict: Decoder,
    grammar: Option<Arc<Grammar>>,
    /// Whether the grammar in use has any phrase.
    compares: bool,
}

impl Desk {
    fn open(models: &Path) -> Result<Self, EngineError> {
        Ok(Self {
            free: Decoder::new(models, Search::Language)?,
            strict: Decoder::new(models, Search::Grammar)?,
            grammar: None,
            compares: false,
        })
    }

    fn decode(&mut self, job: &mut Job) -> Result<(Transcript, Voice), EngineError> {
        if job.told.is_closed() {
            return Ok((Transcript::default(), job.voice));
        }
        self.take_grammar(&job.grammar)?;
        self.free.set_channel(job.voice.free);
        self.strict.set_channel(job.voice.strict);
        self.free.start()?;
        if self.compares {
            self.strict.start()?;
        }
        let processed = self.process(job);
        // An utterance that was begun must be ended, or the next one cannot begin.
        self.free.end()?;
        if self.compares {
            self.strict.end()?;
        }
        let said = processed?;
        let mut found = self.found();
        if !said.is_empty() && !found.is_trusted() {
            // The first words of an unknown speaker get a second chance, now that their line is known.
            self.free.hear_whole(&said)?;
            self.strict.hear_whole(&said)?;
            let again = self.found();
            if again.is_trusted() {
                found = again;
            }
        }
        let voice = Voice {
            free: self.free.channel(),
            strict: self.strict.channel(),
        };
        Ok((found.decide(), voice))
    }

    /// Returns what both made of the utterance that has ended.
    fn found(&mut self) -> Found {
        Found {
            free: self.free.text(),
            strict: self.compares.then(|| self.strict.hypothesis()),
        }
    }

    /// Decodes piece by piece, and returns the sound of a speaker who is not known yet.
    fn process(&mut self, job: &mut Job) -> Result<Vec<i16>, EngineError> {
        let is_unknown = job.voice.strict.is_none() && self.compares;
        let mut said = Vec::new();
        let mut count = 0;
        let mut told = String::new();
        while let Some(piece) = job.pieces.blocking_recv() {
            if job.told.is_closed() {
                return Ok(Vec::new());
            }
            self.free.process(&piece)?;
            if self.compares {
                self.strict.process(&piece)?;
            }
            if is_unknown {
                said.extend_from_slice(&piece);
            }
            count += 1;
            if count % INTERIM_EVERY == 0 && job.told.capacity() > 1 {
                let text = self.free.text();
                if !text.is_empty() && text != told {
                    told.clone_from(&text);
                    job.told.try_send(Told::Interim(text)).ok();
                }
            }
        }
        Ok(said)
    }

    fn take_grammar(&mut self, grammar: &Arc<Grammar>) -> Result<(), EngineError> {
        if self.grammar.as_ref() == Some(grammar) {
            return Ok(());
        }
        self.grammar = None;
        for (word, sounds) in grammar.sounds() {
            if !self.strict.knows(word) {
                self.strict.teach(word, sounds)?;
            }
        }
        let jsgf = grammar.render(&|word| self.strict.knows(word));
        self.compares = jsgf.is_some();
        if let Some(jsgf) = jsgf {
            self.strict.set_grammar(&jsgf)?;
        }
        self.grammar = Some(Arc::clone(grammar));
        Ok(())
    }
}
