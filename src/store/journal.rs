//! The journal of one call: kept in the store, and at hand for the agent that continues.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_session::{Journal, JournalError, Record};
use async_trait::async_trait;
use sqlx::AnyConnection;

use super::events::NewEvent;
use super::{Entry, Moment, Store, StoreError, events, messages};
use crate::sessions::CallId;

/// Entries that a continued conversation begins with. Older ones say little about what comes next, and a thinker is
/// told fewer anyway.
const MOST_CONTINUED: u32 = 2_000;

/// What was said in one call. It stays as long as its session, so that switching the agent off and on again does not
/// depend on the database.
#[derive(Debug)]
pub struct CallJournal {
    store: Store,
    call: CallId,
    /// Whether the database holds what came before this process.
    inherited: AtomicBool,
    so_far: Mutex<Vec<Record>>,
}

impl CallJournal {
    /// Opens the journal of a call that begins now.
    #[must_use]
    pub fn new(store: Store, call: CallId) -> Self {
        Self {
            store,
            call,
            inherited: AtomicBool::new(false),
            so_far: Mutex::default(),
        }
    }

    /// Opens the journal of a call that another process began.
    #[must_use]
    pub fn inherited(store: Store, call: CallId) -> Self {
        let journal = Self::new(store, call);
        journal.inherited.store(true, Ordering::Release);
        journal
    }

    /// Keeps what the agent is to know before anybody speaks.
    pub fn note(&self, text: &str) {
        let record = record(
            Moment::now(),
            agent_session::Entry::Note {
                text: text.to_owned(),
            },
        );
        self.at_hand().push(record.clone());
        let call = self.call.clone();
        self.store.records().push(Entry::Told { call, record });
    }

    fn at_hand(&self) -> std::sync::MutexGuard<'_, Vec<Record>> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Journal for CallJournal {
    async fn so_far(&self) -> Result<Vec<Record>, JournalError> {
        if self.inherited.load(Ordering::Acquire) {
            let before = self.store.conversation(&self.call).await.map_err(told)?;
            // Only one agent is in a room at a time, so nothing is kept meanwhile.
            self.at_hand().splice(0..0, before);
            self.inherited.store(false, Ordering::Release);
        }
        Ok(self.at_hand().clone())
    }

    async fn keep(&self, record: Record) -> Result<(), JournalError> {
        self.at_hand().push(record.clone());
        let call = self.call.clone();
        self.store
            .records()
            .record(Entry::Told { call, record })
            .await;
        Ok(())
    }
}

impl Store {
    /// What was kept of a call's conversation, in order?
    ///
    /// # Errors
    ///
    /// The database does not answer, or holds what nobody wrote.
    pub async fn conversation(&self, call: &CallId) -> Result<Vec<Record>, StoreError> {
        let messages = self.messages(call, MOST_CONTINUED).await?;
        let events = self.events(call, MOST_CONTINUED).await?;
        let mut all: Vec<(i64, Record)> = messages
            .into_iter()
            .map(|message| (message.number, record(message.at, message.entry)))
            .chain(
                events
                    .into_iter()
                    .map(|event| (event.number, record(event.at, event.entry))),
            )
            .collect();
        all.sort_by_key(|(number, _)| *number);
        Ok(all.into_iter().map(|(_, record)| record).collect())
    }
}

pub(super) async fn append(
    to: &mut AnyConnection,
    call: &CallId,
    record: &Record,
) -> Result<(), sqlx::Error> {
    let at = Moment(i64::try_from(record.at_ms).unwrap_or(i64::MAX));
    let body =
        serde_json::to_string(&record.entry).map_err(|error| sqlx::Error::Encode(error.into()))?;
    if let Some(message) = messages::message_of(&record.entry, &body) {
        return messages::append(to, call, at, message).await;
    }
    let (kind, took_ms) = events::event_of(&record.entry);
    let event = NewEvent {
        kind,
        took_ms,
        body: &body,
    };
    events::append(to, call, at, event).await
}

fn record(at: Moment, entry: agent_session::Entry) -> Record {
    Record {
        at_ms: u64::try_from(at.0).unwrap_or_default(),
        entry,
    }
}

fn told(error: StoreError) -> JournalError {
    match error {
        StoreError::Garbled(_) => JournalError::Refused(error.into()),
        _ => JournalError::Unavailable(error.into()),
    }
}
