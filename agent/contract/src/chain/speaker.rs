//! Speakers that stand for one: the next speaks what was not yet spoken.

mod progress;
mod relay;
mod script;
mod voice;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::Chain;
use crate::{
    ProviderError, ProviderName, SPEECH_QUEUE, SpeakOptions, Speaker, SpeakerCapabilities, Speech,
    TEXT_QUEUE,
};
use relay::Relay;

#[async_trait]
impl Speaker for Chain<dyn Speaker> {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    /// Returns what the first can do; the others are fitted to it.
    fn capabilities(&self) -> SpeakerCapabilities {
        let first = self.roster.candidates().first();
        first.expect("a chain is not empty").provider.capabilities()
    }

    async fn speak(&self, options: SpeakOptions) -> Result<Speech, ProviderError> {
        let (input, texts) = mpsc::channel(TEXT_QUEUE);
        let (sounds, spoken) = mpsc::channel(SPEECH_QUEUE);
        let relay = Relay::new(
            (Arc::clone(&self.roster), Arc::clone(&self.ledger)),
            options,
            self.capabilities(),
            sounds,
        );
        Ok(Speech {
            input,
            spoken,
            task: AbortOnDropHandle::new(tokio::spawn(relay.run(texts))),
        })
    }
}

#[cfg(test)]
mod tests;
