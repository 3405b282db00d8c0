//! Chat completions as a thinker.

use std::{collections::VecDeque, time::Duration};

use agent_contract::{
    ProviderError, ProviderName, Thinker, ThinkerCapabilities, Thought, ThoughtRequest, Thoughts,
};
use async_openai::{Client, error::OpenAIError, types::stream::StreamResponse};
use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    SettingsError, ThinkerSettings,
    endpoint::{Address, Endpoint},
    failure::Failure,
    settings,
};

mod answer;
mod body;

use answer::Answer;

/// How long the count of tokens may come after the last word. Some servers never send it, nor an end.
const AFTERTHOUGHT: Duration = Duration::from_millis(500);

/// A model behind `/chat/completions`.
#[derive(Debug)]
pub struct OpenAiThinker {
    endpoint: Endpoint,
    client: Client<Address>,
    settings: ThinkerSettings,
}

impl OpenAiThinker {
    /// Makes a thinker called `provider`. Nothing is sent before it thinks.
    ///
    /// # Errors
    /// [`SettingsError`] says what to correct.
    pub fn new(provider: ProviderName, settings: ThinkerSettings) -> Result<Self, SettingsError> {
        let endpoint = Endpoint::new(
            provider,
            &settings.base_url,
            settings.key.as_ref(),
            settings::patience(settings.patience_ms),
        )?
        .with_events();
        Ok(Self {
            client: endpoint.client(),
            endpoint,
            settings,
        })
    }
}

#[async_trait]
impl Thinker for OpenAiThinker {
    fn name(&self) -> &ProviderName {
        &self.endpoint.provider
    }

    fn capabilities(&self) -> ThinkerCapabilities {
        ThinkerCapabilities {
            tools: true,
            preemptive: self.settings.preemptive,
        }
    }

    async fn think(&self, request: ThoughtRequest) -> Result<Thoughts, ProviderError> {
        let body = body::of(&self.settings, &request);
        let events = self
            .client
            .chat()
            .create_stream_byot(body)
            .await
            .map_err(|error| self.endpoint.blame(error))?;
        Ok(Reading::new(events, &self.endpoint).thoughts())
    }
}

/// An answer that is being read.
struct Reading {
    events: StreamResponse<Value>,
    answer: Answer,
    ready: VecDeque<Result<Thought, ProviderError>>,
    provider: ProviderName,
    patience: Duration,
    is_over: bool,
}

impl Reading {
    fn new(events: StreamResponse<Value>, endpoint: &Endpoint) -> Self {
        Self {
            events,
            answer: Answer::default(),
            ready: VecDeque::new(),
            provider: endpoint.provider.clone(),
            patience: endpoint.patience,
            is_over: false,
        }
    }

    fn thoughts(self) -> Thoughts {
        stream::unfold(self, async |mut reading| {
            loop {
                if let Some(thought) = reading.ready.pop_front() {
                    return Some((thought, reading));
                }
                if reading.is_over {
                    return None;
                }
                if let Err(failure) = reading.read().await {
                    reading.is_over = true;
                    let error = failure.of(&reading.provider);
                    reading.ready.push_back(Err(error));
                }
            }
        })
        .boxed()
    }

    async fn read(&mut self) -> Result<(), Failure> {
        let is_complete = self.answer.is_complete();
        let patience = if is_complete {
            AFTERTHOUGHT
        } else {
            self.patience
        };
        match timeout(patience, self.events.next()).await {
            Ok(Some(Ok(event))) => self.answer.handle(&event)?,
            Ok(Some(Err(error))) if !is_complete => return Err(failure(error)),
            Err(_) if !is_complete => return Err(Failure::Stalled(patience)),
            Ok(None | Some(Err(_))) | Err(_) => {
                self.is_over = true;
                self.answer.handle_end()?;
            }
        }
        while let Some(thought) = self.answer.poll_thought() {
            self.is_over |= matches!(thought, Thought::Finished(_));
            self.ready.push_back(Ok(thought));
        }
        Ok(())
    }
}

fn failure(error: OpenAIError) -> Failure {
    error.into()
}
