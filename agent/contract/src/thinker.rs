//! Text to text: what to answer, and which tools to use.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::{Language, Message, ProviderError, ProviderName, ToolCall, ToolSpec, chain::Incident};

/// Decides what to say.
#[async_trait]
pub trait Thinker: Send + Sync + 'static {
    /// Returns what it is called.
    fn name(&self) -> &ProviderName;

    /// Returns what it can do.
    fn capabilities(&self) -> ThinkerCapabilities;

    /// Begins to answer. Dropping the answer stops it.
    ///
    /// # Errors
    /// [`ProviderError`] says what to do next.
    async fn think(&self, request: ThoughtRequest) -> Result<Thoughts, ProviderError>;
}

/// An answer as it comes. It ends after [`Thought::Finished`] or an error.
pub type Thoughts = BoxStream<'static, Result<Thought, ProviderError>>;

/// What a thinker can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThinkerCapabilities {
    /// Whether it may call tools.
    pub tools: bool,
    /// Whether asking early, on what may not be the whole turn, does no harm (it costs nothing, or is worth it).
    pub preemptive: bool,
}

/// What to answer to.
#[derive(Debug, Clone, PartialEq)]
pub struct ThoughtRequest {
    /// Who the agent is and how it behaves.
    pub instructions: Arc<str>,
    /// The conversation so far; the newest entry is what to answer.
    pub messages: Vec<Message>,
    /// The tools on offer.
    pub tools: Arc<[ToolSpec]>,
    /// The language to answer in.
    pub language: Language,
    /// At most so many tokens.
    pub max_tokens: Option<u32>,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Thought {
    /// The next characters to say.
    Text(String),
    /// A tool to call, complete.
    Call(ToolCall),
    /// What it cost.
    Tokens(Tokens),
    /// Somebody did not deliver, says a [chain](crate::chain); the answer goes on, or an error follows.
    Incident(Incident),
    /// All was said.
    Finished(FinishReason),
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// It is complete.
    Stop,
    /// It waits for the tools it called.
    Calls,
    /// It became too long.
    Length,
    /// The provider withheld it.
    Filtered,
}

/// Tokens that were charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokens {
    /// Read.
    pub input: u64,
    /// Of these, read from a cache.
    pub cached: u64,
    /// Written.
    pub output: u64,
}
