//! The transcriber: PocketSphinx with a grammar beside its free language model.

mod decoders;
mod gate;
mod listener;
mod verdict;

use std::{path::PathBuf, sync::Arc};

use agent_contract::{
    HEARD_QUEUE, INPUT_QUEUE, ListenOptions, Listening, ProviderError, ProviderName, Transcriber,
    TranscriberCapabilities,
};
use async_trait::async_trait;
use room_media::SampleRate;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

pub use decoders::Decoders;
use listener::Listener;

use crate::{error::failed, grammar::Grammar, shared_library::EngineError};

/// The rate of the acoustic model.
pub(crate) const RATE: SampleRate = SampleRate::HZ_16000;

/// How to decode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecoderSettings {
    /// How many utterances are decoded at once, from 1 to 4; each takes some 150 MB. Others wait.
    pub decoders: usize,
    /// Where the English models lie.
    pub models: PathBuf,
}

impl Default for DecoderSettings {
    fn default() -> Self {
        Self {
            decoders: 2,
            models: PathBuf::from("/usr/share/pocketsphinx/model/en-us"),
        }
    }
}

/// Listens with PocketSphinx. What the [`Grammar`] knows is heard well, over the telephone too; anything else is told
/// as heard, with a low confidence.
#[derive(Debug, Clone)]
pub struct OfflineTranscriber {
    name: ProviderName,
    decoders: Arc<Decoders>,
    grammar: Grammar,
}

impl OfflineTranscriber {
    /// Listens for what a grammar knows, with decoders that may be shared.
    #[must_use]
    pub fn new(name: ProviderName, decoders: Arc<Decoders>, grammar: Grammar) -> Self {
        Self {
            name,
            decoders,
            grammar,
        }
    }
}

#[async_trait]
impl Transcriber for OfflineTranscriber {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> TranscriberCapabilities {
        TranscriberCapabilities {
            sample_rate: RATE,
            interim: true,
            end_of_turn: false,
            word_times: false,
        }
    }

    async fn listen(&self, options: ListenOptions) -> Result<Listening, ProviderError> {
        if options.language.primary() != "en" {
            return Err(failed(&self.name, EngineError::Unheard));
        }
        let ready = self.decoders.check();
        ready.map_err(|error| failed(&self.name, error))?;
        let grammar = self.grammar.clone().with_keywords(&options.keywords);
        let (input, sound) = mpsc::channel(INPUT_QUEUE);
        let (out, heard) = mpsc::channel(HEARD_QUEUE);
        let listener = Listener::new(
            self.name.clone(),
            Arc::clone(&self.decoders),
            Arc::new(grammar),
            out,
        );
        Ok(Listening {
            input,
            heard,
            task: AbortOnDropHandle::new(tokio::spawn(listener.run(sound))),
        })
    }
}
