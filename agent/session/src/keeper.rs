//! Hands entries to the journal in order, without holding up the conversation.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{Entry, Journal, JournalError, Record};

/// Entries that wait for the journal: more than an hour of talk. When it is full new ones are lost, and the log says
/// so: a journal that far behind is out of order.
const WAITING: usize = 1_024;

/// One entry may take so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A journal that is busy is asked again after so long,
const PAUSE: Duration = Duration::from_millis(200);

/// at most so often.
const TRIES: u32 = 50;

/// What waits when the conversation is over is kept within so long.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The way to the journal.
pub(crate) struct Keeper {
    queue: mpsc::Sender<Record>,
    keeping: JoinSet<()>,
}

impl Keeper {
    pub(crate) fn new(journal: Arc<dyn Journal>) -> Self {
        let (queue, records) = mpsc::channel(WAITING);
        let mut keeping = JoinSet::new();
        keeping.spawn(keep_all(journal, records));
        Self { queue, keeping }
    }

    pub(crate) fn keep(&self, entry: Entry) {
        let record = Record {
            at_ms: now_ms(),
            entry,
        };
        if self.queue.try_send(record).is_err() {
            tracing::error!("the journal is too far behind: an entry of the conversation is lost");
        }
    }

    /// Waits until everything is kept, for a while.
    pub(crate) async fn finish(self) {
        let Self { queue, mut keeping } = self;
        drop(queue);
        if timeout(LAST_WORDS, keeping.join_next()).await.is_err() {
            tracing::error!("the journal did not take the end of the conversation in time");
        }
    }
}

async fn keep_all(journal: Arc<dyn Journal>, mut records: mpsc::Receiver<Record>) {
    while let Some(record) = records.recv().await {
        if let Err(error) = keep(&*journal, &record).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "an entry of the conversation is lost"
            );
        }
    }
}

async fn keep(journal: &dyn Journal, record: &Record) -> Result<(), JournalError> {
    for _ in 1..TRIES {
        match timeout(PATIENCE, journal.keep(record.clone())).await {
            Ok(Err(JournalError::Unavailable(_))) => sleep(PAUSE).await,
            Ok(done) => return done,
            Err(_) => {}
        }
    }
    match timeout(PATIENCE, journal.keep(record.clone())).await {
        Ok(done) => done,
        Err(late) => Err(JournalError::Unavailable(late.into())),
    }
}

fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::MemoryJournal;

    /// Busy for the first few entries.
    #[derive(Default)]
    struct Busy {
        tried: AtomicU32,
        kept: MemoryJournal,
    }

    #[async_trait]
    impl Journal for Busy {
        async fn so_far(&self) -> Result<Vec<Record>, JournalError> {
            self.kept.so_far().await
        }

        async fn keep(&self, record: Record) -> Result<(), JournalError> {
            if self.tried.fetch_add(1, Ordering::SeqCst) < 10 {
                return Err(JournalError::Unavailable("the database is locked".into()));
            }
            self.kept.keep(record).await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_journal_gets_everything_in_order() {
        let journal = Arc::new(Busy::default());
        let keeper = Keeper::new(journal.clone());
        let note = |text: &str| Entry::Note {
            text: text.to_owned(),
        };

        for text in ["one", "two", "three"] {
            keeper.keep(note(text));
        }
        keeper.finish().await;

        let kept: Vec<Entry> = journal
            .kept
            .records()
            .into_iter()
            .map(|record| record.entry)
            .collect();
        assert_eq!(kept, ["one", "two", "three"].map(note));
    }
}
