//! The one who writes: in batches, in order, again and again until the database takes them. Nothing else waits
//! for it, so it has no deadline but the server's end.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::engine::{Engine, passes};
use super::nodes::{BEAT, Presence};
use super::queue::{Entry, Queue};
use super::touch::Touch;
use super::{audit, calls, escalations, intents, journal, lines};
use crate::clock::now;
use crate::telemetry::chain;

/// Entries in one transaction.
const BATCH: usize = 256;

/// Pause before a batch is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Where doubling the pause stops: the end of a lock should be noticed soon.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// After the last session: enough for what still waits.
const LAST_ENTRIES: Duration = Duration::from_secs(3);

/// Writes what is recorded.
#[derive(Debug)]
pub struct Writer {
    engine: Engine,
    queue: Queue,
    connection: Option<AnyConnection>,
    presence: Presence,
    touch: Touch,
    /// Whether the last attempt may have succeeded although its answer did not come.
    in_doubt: bool,
}

impl Writer {
    pub(super) fn new(engine: Engine, queue: Queue, (node, touch): (String, Touch)) -> Self {
        Self {
            engine,
            queue,
            connection: None,
            presence: Presence::new(node),
            touch,
            in_doubt: false,
        }
    }

    /// Writes until `stop` is cancelled and nothing waits any more. Answers how many entries the database never took.
    pub async fn run(mut self, stop: CancellationToken) -> usize {
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                entries = self.next_entries() => {
                    if !self.write(&entries, &stop).await {
                        return self.give_up(entries);
                    }
                }
            }
        }
        loop {
            let entries = self.queue.take_now(BATCH);
            if entries.is_empty() {
                break;
            }
            if !self.write(&entries, &stop).await {
                return self.give_up(entries);
            }
        }
        if let Some(connection) = self.connection.take() {
            drop(connection.close().await);
        }
        0
    }

    /// Waits for entries. Where others share the database there may be none: that is written as well, and says that
    /// this node is there.
    async fn next_entries(&mut self) -> Vec<Entry> {
        let taking = self.queue.take(BATCH);
        if self.engine.is_shared() {
            timeout(BEAT, taking).await.unwrap_or_default()
        } else {
            taking.await
        }
    }

    /// Writes what waits, and then knows nothing of it, as when an answer is lost.
    #[cfg(test)]
    pub(super) async fn write_unheard(&mut self) {
        let entries = self.queue.take_now(BATCH);
        self.write_batch(&entries).await.expect("it is written");
        self.queue.put_back(entries);
        self.in_doubt = true;
        self.connection = None;
    }

    /// Writes a batch; answers whether that succeeded. It only gives up once the server stops.
    async fn write(&mut self, entries: &[Entry], stop: &CancellationToken) -> bool {
        let writing = self.insist(entries);
        let done = async {
            tokio::select! {
                () = writing => true,
                () = async {
                    stop.cancelled().await;
                    sleep(LAST_ENTRIES).await;
                } => false,
            }
        }
        .await;
        if done {
            self.queue.written(entries.len());
        }
        done
    }

    /// Says what is lost, call by call: their rooms may be gone before anybody asks.
    fn give_up(&self, mut entries: Vec<Entry>) -> usize {
        entries.append(&mut self.queue.take_now(usize::MAX));
        let mut lost: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &entries {
            *lost.entry(entry.subject()).or_default() += 1;
        }
        for (subject, entries) in &lost {
            error!(
                subject,
                entries, "the database took no more; records are lost"
            );
        }
        entries.len()
    }

    async fn insist(&mut self, entries: &[Entry]) {
        let mut pause = FIRST_PAUSE;
        let mut told = false;
        loop {
            match self.attempt(entries).await {
                Ok(()) if told => return info!("the database takes records again"),
                Ok(()) => return,
                Err(failure) if passes(&failure) => {
                    if !told {
                        warn!(error = chain(&failure), "records wait for the database");
                        told = true;
                    }
                    // A connection that saw an error may be beyond use.
                    self.connection = None;
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(_) => return self.write_one_by_one(entries).await,
            }
        }
    }

    /// Something in the batch is not accepted: everything else must not suffer from it.
    async fn write_one_by_one(&mut self, entries: &[Entry]) {
        for entry in entries {
            while let Err(failure) = self.attempt(std::slice::from_ref(entry)).await {
                if !passes(&failure) {
                    let subject = entry.subject();
                    error!(
                        error = chain(&failure),
                        subject, "a record was not accepted"
                    );
                    break;
                }
                self.connection = None;
                sleep(FIRST_PAUSE).await;
            }
        }
    }

    async fn attempt(&mut self, entries: &[Entry]) -> Result<(), sqlx::Error> {
        let patience = self.engine.patience();
        // What is in doubt may have been signed long ago.
        let began = (!self.in_doubt).then(now);
        let attempt = self.write_batch(entries);
        let done = match patience {
            Some(patience) => timeout(patience, attempt)
                .await
                .unwrap_or(Err(sqlx::Error::PoolTimedOut)),
            None => attempt.await,
        };
        self.in_doubt = done.is_err();
        if done.is_ok() {
            self.presence.turn_over();
            if let Some(began) = began {
                self.touch.handle_signed(began);
            }
        }
        done
    }

    async fn write_batch(&mut self, entries: &[Entry]) -> Result<(), sqlx::Error> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            missing => missing.insert(self.engine.writer().await?),
        };
        if self.in_doubt && self.presence.is_signed(connection).await? {
            return Ok(());
        }
        let mut transaction = self.engine.begin(connection).await?;
        for entry in entries {
            write(&mut transaction, entry, self.presence.node()).await?;
        }
        self.presence.sign(&mut transaction).await?;
        transaction.commit().await
    }
}

async fn write(to: &mut AnyConnection, entry: &Entry, node: &str) -> Result<(), sqlx::Error> {
    match entry {
        Entry::Began(call) => calls::begin(to, call, node).await,
        Entry::Moved { call, status, at } => calls::advance(to, call, (*status, *at), node).await,
        Entry::Cast {
            call,
            profile,
            agent,
        } => calls::cast(to, call, profile.as_deref(), agent).await,
        Entry::Told { call, record } => journal::append(to, call, record).await,
        Entry::Line { session, news } => lines::keep(to, session, news).await,
        Entry::Escalation { session, state } => {
            escalations::keep(to, session, state.as_deref(), node).await
        }
        Entry::Dialled {
            which,
            progress,
            at,
        } => intents::advance(to, which, progress, *at).await,
        Entry::Done(deed) => audit::note(to, deed).await,
    }
}
