//! Thinkers that stand for one: the next goes on from what was said already.

mod answer;
mod attempt;
mod seam;

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use super::Chain;
use crate::{ProviderError, ProviderName, Thinker, ThinkerCapabilities, ThoughtRequest, Thoughts};
use answer::Answer;

#[async_trait]
impl Thinker for Chain<dyn Thinker> {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> ThinkerCapabilities {
        let mut all = self.roster.candidates().iter();
        let first = all.next().expect("a chain is not empty");
        let first = first.provider.capabilities();
        ThinkerCapabilities {
            // Who cannot is told about them all the same, and ignores them.
            tools: first.tools,
            preemptive: first.preemptive && all.all(|c| c.provider.capabilities().preemptive),
        }
    }

    async fn think(&self, request: ThoughtRequest) -> Result<Thoughts, ProviderError> {
        let answer = Answer::new(Arc::clone(&self.roster), Arc::clone(&self.ledger), request);
        Ok(stream::unfold(answer, |mut answer| async {
            let thought = answer.next().await?;
            Some((thought, answer))
        })
        .boxed())
    }
}

#[cfg(test)]
mod tests;
