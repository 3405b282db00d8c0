//! Keeps a conversation, so that another agent can continue it.

use std::sync::{Mutex, PoisonError};

use agent_contract::BoxError;
use async_trait::async_trait;

use crate::Record;

/// Keeps one conversation.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Returns what was kept so far, in order; empty when the conversation is new.
    ///
    /// # Errors
    /// [`JournalError`] says what to do next.
    async fn so_far(&self) -> Result<Vec<Record>, JournalError>;

    /// Keeps one more entry. Entries come one after the other; the next one waits for the one before.
    ///
    /// # Errors
    /// [`JournalError`] says what to do next.
    async fn keep(&self, record: Record) -> Result<(), JournalError>;
}

/// A journal did not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// It is busy or out of reach: try again later.
    #[error("the journal is unavailable")]
    Unavailable(#[source] BoxError),
    /// It cannot take or give this: trying again cannot help.
    #[error("the journal refused")]
    Refused(#[source] BoxError),
}

/// A journal that lasts as long as its process.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    records: Mutex<Vec<Record>>,
}

impl MemoryJournal {
    /// Returns what was kept so far.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Record>> {
        // A vector is whole between any two of its operations.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn so_far(&self) -> Result<Vec<Record>, JournalError> {
        Ok(self.records())
    }

    async fn keep(&self, record: Record) -> Result<(), JournalError> {
        self.lock().push(record);
        Ok(())
    }
}
