//! A reply, clause after clause: the next one is asked for while this one is heard.

use std::{collections::VecDeque, sync::Arc};

use agent_contract::{ProviderError, SpeechEvent, SpeechInput, Spoken};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::clause::{Clause, Voice};
use crate::failure::Failure;

/// OpenAI takes no more in one request.
const LONGEST_TEXT: usize = 4096;

/// Clauses that are asked for at once: the one that is heard and the one after it.
const AHEAD: usize = 2;

type Events = mpsc::Sender<Result<SpeechEvent, ProviderError>>;

/// Speaks until all is spoken, something fails, or nobody listens.
pub(super) async fn run(voice: Voice, texts: mpsc::Receiver<SpeechInput>, spoken: Events) {
    let reply = Reply {
        texts: Some(texts),
        asked: VecDeque::new(),
        written: 0,
        spoken,
        voice,
    };
    let spoken = reply.spoken.clone();
    let provider = reply.voice.endpoint.provider.clone();
    let outcome = tokio::select! {
        outcome = reply.speak() => outcome,
        () = spoken.closed() => return,
    };
    let last = outcome
        .map(|()| SpeechEvent::Finished)
        .map_err(|failure| failure.of(&provider));
    // Nobody listens any more.
    let _ = spoken.send(last).await;
}

struct Reply {
    /// Gone once all was said.
    texts: Option<mpsc::Receiver<SpeechInput>>,
    asked: VecDeque<Asked>,
    /// Characters handed over so far.
    written: usize,
    spoken: Events,
    voice: Voice,
}

/// A clause that is on its way.
struct Asked {
    answer: AbortOnDropHandle<Result<Clause, Failure>>,
    characters: u64,
    /// Characters of the reply up to its end.
    until: usize,
}

impl Reply {
    async fn speak(mut self) -> Result<(), Failure> {
        loop {
            match self.asked.pop_front() {
                Some(asked) => self.say(asked).await?,
                None if self.texts.is_none() => return Ok(()),
                None => {
                    let input = next(&mut self.texts).await;
                    self.handle(input);
                }
            }
        }
    }

    /// Passes one clause on, and takes texts meanwhile.
    async fn say(&mut self, mut asked: Asked) -> Result<(), Failure> {
        let mut clause = loop {
            tokio::select! {
                answer = &mut asked.answer => break answer.map_err(|_| Failure::Unsendable)??,
                input = next(&mut self.texts), if self.asked.len() + 1 < AHEAD => self.handle(input),
            }
        };
        self.tell(SpeechEvent::Charged(asked.characters)).await;
        loop {
            let samples = tokio::select! {
                samples = clause.next() => samples?,
                input = next(&mut self.texts), if self.asked.len() + 1 < AHEAD => {
                    self.handle(input);
                    continue;
                }
            };
            let (samples, text_until) = match samples {
                Some(samples) => (samples, None),
                None => (clause.rest(), Some(asked.until)),
            };
            self.tell(SpeechEvent::Audio(Spoken {
                samples,
                text_until,
            }))
            .await;
            if text_until.is_some() {
                return Ok(());
            }
        }
    }

    fn handle(&mut self, input: Option<SpeechInput>) {
        match input {
            Some(SpeechInput::Text(text)) => self.ask(&text),
            // Every clause is spoken at once.
            Some(SpeechInput::Flush) => {}
            Some(SpeechInput::Finish) | None => self.texts = None,
        }
    }

    fn ask(&mut self, text: &str) {
        let characters: Vec<char> = text.chars().collect();
        for part in characters.chunks(LONGEST_TEXT) {
            self.written += part.len();
            let text: String = part.iter().collect();
            if text.trim().is_empty() {
                continue;
            }
            let (voice, text) = (self.voice.clone(), Arc::<str>::from(text));
            let answer = async move { voice.ask(text).await };
            self.asked.push_back(Asked {
                answer: AbortOnDropHandle::new(tokio::task::spawn(answer)),
                characters: part.len() as u64,
                until: self.written,
            });
        }
    }

    async fn tell(&self, event: SpeechEvent) {
        // `run` ends all this when nobody listens.
        let _ = self.spoken.send(Ok(event)).await;
    }
}

/// The next text; waits for ever once all was said.
async fn next(texts: &mut Option<mpsc::Receiver<SpeechInput>>) -> Option<SpeechInput> {
    match texts {
        Some(texts) => texts.recv().await,
        None => std::future::pending().await,
    }
}
