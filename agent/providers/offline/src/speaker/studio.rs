//! The engines' thread: takes are recorded one after the other.

use std::{sync::Arc, thread, time::Duration};

use agent_contract::{Language, ProviderError, ProviderName, SpeakOptions};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use super::RATE;
use crate::{
    error::{busy, failed, stalled},
    espeak::Espeak,
    flite::Flite,
    shared_library::EngineError,
    sound::Sound,
};

/// Takes that wait. When it is full, who asks waits until the [deadline](PATIENCE).
const QUEUE: usize = 64;
/// A take lasts some 30 ms; so long with the whole queue before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to the thread. It ends with the last of these.
#[derive(Debug, Clone)]
pub(super) struct Studio {
    name: ProviderName,
    /// Absent when the thread could not be started.
    takes: Option<mpsc::Sender<(Take, Answer)>>,
}

type Answer = oneshot::Sender<Result<Sound, EngineError>>;

/// Something to record.
#[derive(Debug)]
pub(super) struct Take {
    text: String,
    language: Language,
    voice: Option<Arc<str>>,
}

impl Take {
    pub(super) fn of(text: &str, options: &SpeakOptions) -> Self {
        Self {
            text: text.to_owned(),
            language: options.language.clone(),
            voice: options.voice.clone(),
        }
    }
}

impl Studio {
    pub(super) fn open(name: ProviderName) -> Self {
        let (takes, queue) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("offline-speaker".to_owned())
            .spawn(move || record_all(queue));
        let takes = thread.is_ok().then_some(takes);
        Self { name, takes }
    }

    /// Returns whether the engine and the language are there; the first time, this loads them.
    pub(super) async fn check(&self, options: &SpeakOptions) -> Result<(), ProviderError> {
        self.record(Take::of("", options)).await.map(|_| ())
    }

    pub(super) async fn record(&self, take: Take) -> Result<Sound, ProviderError> {
        let Some(takes) = &self.takes else {
            return Err(busy(&self.name, "no thread could be started"));
        };
        let (answer, sound) = oneshot::channel();
        let recorded = async {
            let queued = takes.send((take, answer)).await;
            queued.map_err(|_| busy(&self.name, "its thread has ended"))?;
            let sound = sound.await;
            sound.map_err(|_| busy(&self.name, "its thread has ended"))
        };
        match timeout(PATIENCE, recorded).await {
            Ok(sound) => sound?.map_err(|error| failed(&self.name, error)),
            Err(_) => Err(stalled(&self.name, PATIENCE)),
        }
    }
}

fn record_all(mut queue: mpsc::Receiver<(Take, Answer)>) {
    while let Some((take, answer)) = queue.blocking_recv() {
        // Who asked may have been interrupted meanwhile.
        if !answer.is_closed() {
            answer.send(record(&take)).ok();
        }
    }
}

fn record(take: &Take) -> Result<Sound, EngineError> {
    let sound = if take.language.primary() == "en" {
        in_english(take)?
    } else {
        in_another_language(take)?
    };
    sound.trimmed().at(RATE).ok_or(EngineError::Failed {
        engine: "the speaker",
        task: "change the rate of its sound",
    })
}

fn in_english(take: &Take) -> Result<Sound, EngineError> {
    let voice = take.voice.as_deref();
    let by_espeak = Flite::with(|flite| match voice {
        Some(voice) if !flite.has_voice(voice) => Ok(None),
        _ if take.text.is_empty() => Ok(Some(silence())),
        _ => flite.say(&take.text, voice).map(Some),
    });
    match by_espeak {
        Ok(Ok(Some(sound))) => Ok(sound),
        // A voice that flite does not have may be one of espeak-ng's.
        Ok(Ok(None)) => in_another_language(take),
        Ok(Err(error)) | Err(error) => Err(error),
    }
}

fn in_another_language(take: &Take) -> Result<Sound, EngineError> {
    Espeak::with(|espeak| {
        let wanted = [
            take.voice.as_deref().unwrap_or_default(),
            take.language.as_str(),
            take.language.primary(),
        ];
        let mut wanted = wanted.into_iter().filter(|name| !name.is_empty());
        if !wanted.any(|name| espeak.set_voice(name)) {
            return Err(EngineError::Unspoken);
        }
        if take.text.is_empty() {
            return Ok(silence());
        }
        espeak.say(&take.text)
    })?
}

fn silence() -> Sound {
    Sound {
        hertz: RATE.hertz(),
        ..Sound::default()
    }
}
