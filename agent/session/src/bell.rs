//! The bell for a human: what the key for one rings, without the thinker.

use std::time::Duration;

use async_trait::async_trait;

/// Whoever is slower than this is not there, and the thinker answers.
pub(crate) const RUNG_WITHIN: Duration = Duration::from_secs(3);

/// Brings humans in for those who press the key for one.
#[async_trait]
pub trait Bell: Send + Sync + 'static {
    /// Has a human brought into the conversation of this session. Whoever answers tells the people so.
    async fn ring(&self, session: &str) -> Rung;
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rung {
    /// It is taken care of: the people hear what happens.
    Answered,
    /// Nobody answers: the thinker has to.
    Nobody,
}
