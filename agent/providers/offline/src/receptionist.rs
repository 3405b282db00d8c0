//! The thinker: a scripted receptionist that knows what its script says, and says so.

mod builtin;
mod desk;
mod matching;
mod script;
mod slot;
mod text;

use std::sync::Arc;

use agent_contract::{
    CallId, FinishReason, Message, ProviderError, ProviderName, Thinker, ThinkerCapabilities,
    Thought, ThoughtRequest, Thoughts, ToolCall,
};
use async_trait::async_trait;
use futures_util::{StreamExt, stream};

use desk::{Desk, Reply};
pub use script::{Choice, Intent, Offer, Script, Text, Texts, Use};

/// Follows a [`Script`]: answers, asks for what is missing, uses the tools it is offered. The same conversation has the
/// same answer, always.
#[derive(Debug, Clone)]
pub struct Receptionist {
    name: ProviderName,
    script: Arc<Script>,
}

impl Receptionist {
    /// Puts a script to work.
    #[must_use]
    pub fn new(name: ProviderName, script: Arc<Script>) -> Self {
        Self { name, script }
    }

    fn reply(&self, request: &ThoughtRequest) -> Reply {
        let mut desk = Desk::new(&self.script, request.language.primary(), &request.tools);
        let mut reply = Reply::default();
        let mut answering = false;
        for message in &request.messages {
            if let Message::Note(note) = message {
                desk.learn(note);
            }
            reply = match message {
                // A note to what a person just said does not take the place of its answer.
                Message::Note(_) if answering => continue,
                Message::Person { text, .. } => desk.hear(text),
                Message::Agent { text, .. } => {
                    desk.remember_said(text);
                    Reply::default()
                }
                Message::Tool { text, .. } => desk.take_answer(text),
                Message::Note(_) => desk.take_up(),
            };
            answering = matches!(message, Message::Person { .. });
        }
        reply
    }
}

#[async_trait]
impl Thinker for Receptionist {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> ThinkerCapabilities {
        ThinkerCapabilities {
            tools: true,
            preemptive: true,
        }
    }

    async fn think(&self, request: ThoughtRequest) -> Result<Thoughts, ProviderError> {
        let reply = self.reply(&request);
        let mut thoughts: Vec<Thought> = text::sentences(&reply.text)
            .into_iter()
            .map(Thought::Text)
            .collect();
        let finish = match reply.call {
            Some((name, arguments)) => {
                thoughts.push(Thought::Call(ToolCall {
                    id: CallId(format!("receptionist-{}", request.messages.len())),
                    name,
                    arguments: arguments.to_string(),
                }));
                FinishReason::Calls
            }
            None => FinishReason::Stop,
        };
        thoughts.push(Thought::Finished(finish));
        Ok(stream::iter(thoughts.into_iter().map(Ok)).boxed())
    }
}
