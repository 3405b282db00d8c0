//! One thinker's attempt at an answer.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt, TryFutureExt};
use tokio::time::Instant;

use super::super::{Candidate, Usage};
use crate::{Message, ProviderError, Thinker, Thought, ThoughtRequest, Thoughts, Tokens};

/// About as much as a token is.
const CHARACTERS_PER_TOKEN: usize = 4;

pub(super) struct Attempt {
    pub(super) candidate: Candidate<dyn Thinker>,
    pub(super) begun: Instant,
    pub(super) has_spoken: bool,
    thoughts: Thoughts,
    asked: usize,
    written: usize,
    charged: bool,
}

impl Attempt {
    pub(super) fn begin(candidate: Candidate<dyn Thinker>, request: ThoughtRequest) -> Self {
        let asked = length(&request);
        let thinker = Arc::clone(&candidate.provider);
        let thoughts = async move { thinker.think(request).await };
        Self {
            candidate,
            begun: Instant::now(),
            has_spoken: false,
            thoughts: thoughts.try_flatten_stream().boxed(),
            asked,
            written: 0,
            charged: false,
        }
    }

    pub(super) async fn next(&mut self) -> Option<Result<Thought, ProviderError>> {
        let thought = self.thoughts.next().await;
        match &thought {
            Some(Ok(Thought::Text(text))) => self.written += text.len(),
            Some(Ok(Thought::Tokens(_))) => self.charged = true,
            _ => {}
        }
        thought
    }

    pub(super) fn written(&self) -> usize {
        self.written
    }

    pub(super) fn waited(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Estimates what it cost when it was not told, as when it was broken off.
    pub(super) fn untold_usage(&self) -> Option<Usage> {
        (!self.charged).then(|| Usage {
            tokens: Tokens {
                input: self.asked.div_ceil(CHARACTERS_PER_TOKEN) as u64,
                cached: 0,
                output: self.written.div_ceil(CHARACTERS_PER_TOKEN) as u64,
            },
            ..Usage::default()
        })
    }
}

fn length(request: &ThoughtRequest) -> usize {
    let said = request.messages.iter().map(|message| match message {
        Message::Person { text, .. } | Message::Tool { text, .. } | Message::Note(text) => {
            text.len()
        }
        Message::Agent { text, calls } => {
            text.len() + calls.iter().map(|call| call.arguments.len()).sum::<usize>()
        }
    });
    request.instructions.len() + said.sum::<usize>()
}
