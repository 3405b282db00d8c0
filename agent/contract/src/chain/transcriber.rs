//! Transcribers that stand for one: the next hears the present stretch of speech again.

mod ear;
mod relay;
mod stretch;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::Chain;
use crate::{
    HEARD_QUEUE, INPUT_QUEUE, ListenOptions, Listening, ProviderError, ProviderName, Transcriber,
    TranscriberCapabilities,
};
use relay::Relay;

#[async_trait]
impl Transcriber for Chain<dyn Transcriber> {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    /// Returns what the first can do, and of what the listener relies on only what all can.
    fn capabilities(&self) -> TranscriberCapabilities {
        let all = || {
            self.roster
                .candidates()
                .iter()
                .map(|c| c.provider.capabilities())
        };
        let first = all().next().expect("a chain is not empty");
        TranscriberCapabilities {
            end_of_turn: all().all(|one| one.end_of_turn),
            word_times: all().all(|one| one.word_times),
            ..first
        }
    }

    async fn listen(&self, options: ListenOptions) -> Result<Listening, ProviderError> {
        let (input, sounds) = mpsc::channel(INPUT_QUEUE);
        let (results, heard) = mpsc::channel(HEARD_QUEUE);
        let relay = Relay::new(
            (Arc::clone(&self.roster), Arc::clone(&self.ledger)),
            options,
            self.capabilities().sample_rate,
            results,
        );
        Ok(Listening {
            input,
            heard,
            task: AbortOnDropHandle::new(tokio::spawn(relay.run(sounds))),
        })
    }
}

#[cfg(test)]
mod tests;
