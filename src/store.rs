//! What outlives the process: calls, what was said in them, keys, and who did what. The only home of SQL.
//!
//! Reading goes to the database at once. Writing goes through one bounded `queue`: entries wait in order while
//! the database is locked or its disk is full, and nothing that talks waits for them.

mod appointments;
mod audit;
mod callbacks;
mod calls;
mod engine;
mod erasure;
mod escalations;
mod events;
mod intents;
mod journal;
mod keys;
mod lines;
mod messages;
mod migrations;
mod moment;
mod nodes;
mod queue;
mod settings;
mod stats;
mod touch;
mod writer;

use sqlx::{AnyPool, Connection};

use crate::clock::now;
use crate::config::{Database, RecordSettings};
use crate::dial::{Keeping, Salt};
use engine::Engine;
use touch::Touch;

pub use appointments::{AppointmentRecord, Booked, NewAppointment};
pub use audit::Deed;
pub(crate) use callbacks::{CallbackRecord, CallbackState, Counting, NewCallback, Noted};
pub use calls::{CallFilter, CallPage, CallRecord, LineRecord, NewCall, Position};
pub use events::CallEvent;
pub use intents::{Claimed, IntentRecord, IntentRef, NewIntent};
pub use journal::CallJournal;
pub use keys::{KeyRecord, NewKey};
pub use lines::{Direction, KeptNews, LineNews};
pub use messages::CallMessage;
pub use moment::Moment;
pub(crate) use nodes::GONE;
pub use queue::{Entry, Records};
pub use stats::{Latency, Period, Stats};
pub(crate) use touch::SILENT;
pub use writer::Writer;

/// The store did not do what it was asked to; the log knows why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be opened or brought up to date: mend it before anything is started.
    #[error("the database {database} cannot be used")]
    Unusable {
        /// Which.
        database: String,
        /// What it says.
        #[source]
        source: sqlx::Error,
    },
    /// Its tables cannot be brought up to date.
    #[error("the tables cannot be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// It does not answer: try again.
    #[error("the database did not answer")]
    Unavailable(#[from] sqlx::Error),
    /// A row holds what nobody wrote there.
    #[error("a record cannot be read")]
    Garbled(#[from] serde_json::Error),
    /// There is one already: choose another.
    #[error("it exists already")]
    Exists,
}

/// The name of a node that shares its records with nobody.
pub const LONE: &str = "local";

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    node: String,
    engine: Engine,
    readers: AnyPool,
    records: Records,
    touch: Touch,
    salt: Salt,
    settings: RecordSettings,
}

impl Store {
    /// Opens the database, makes it if it is a file that is not there, and brings its tables up to date. What is recorded
    /// is written while the [`Writer`] runs.
    ///
    /// # Errors
    ///
    /// The database cannot be used.
    pub async fn open(database: &Database) -> Result<(Self, Writer), StoreError> {
        Self::open_as(database, LONE).await
    }

    /// Opens a database that others may share, as the node of this name. Each has its own, and keeps it when it starts
    /// again: that is how it finds its calls.
    ///
    /// # Errors
    ///
    /// The database cannot be used.
    pub async fn open_as(database: &Database, node: &str) -> Result<(Self, Writer), StoreError> {
        let unusable = |source| StoreError::Unusable {
            database: database.to_string(),
            source,
        };
        let engine = Engine::new(database).map_err(unusable)?;
        Self::on(engine, node).await.map_err(|error| match error {
            StoreError::Unavailable(source) => unusable(source),
            other => other,
        })
    }

    /// Tells whether a database can be used, and leaves it as it is. A file that is not there yet can.
    ///
    /// # Errors
    ///
    /// It cannot.
    pub async fn try_out(database: &Database) -> Result<(), StoreError> {
        if matches!(database, Database::File(path) if !path.exists()) {
            return Ok(());
        }
        let trying = async {
            let mut connection = Engine::new(database)?.writer().await?;
            sqlx::query("SELECT 1").execute(&mut connection).await?;
            connection.close().await
        };
        trying.await.map_err(|source| StoreError::Unusable {
            database: database.to_string(),
            source,
        })
    }

    async fn on(engine: Engine, node: &str) -> Result<(Self, Writer), StoreError> {
        let readers = engine.readers().await?;
        migrations::apply(&readers).await?;
        let salt = settings::salt(&readers).await?;

        let (records, queue) = queue::queue();
        let touch = Touch::new(now());
        let writer = Writer::new(engine.clone(), queue, (node.to_owned(), touch.clone()));
        let store = Self {
            node: node.to_owned(),
            engine,
            readers,
            records,
            touch,
            salt,
            settings: RecordSettings::default(),
        };
        Ok((store, writer))
    }

    /// Returns the same store, which keeps what these settings say.
    #[must_use]
    pub fn with(mut self, settings: RecordSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Tells whether other servers may keep their records here as well.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.node != LONE
    }

    /// Tells whether other servers may have taken what this one looks after: they have not heard of it for a while.
    #[must_use]
    pub fn is_out_of_touch(&self) -> bool {
        self.is_shared() && self.touch.is_lost(now())
    }

    /// Does the database answer?
    ///
    /// # Errors
    ///
    /// It does not.
    pub async fn answers(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(self.readers()).await?;
        Ok(())
    }

    /// Returns how much is kept of the numbers of others.
    #[must_use]
    pub fn keeping(&self) -> Keeping {
        self.settings.numbers
    }

    /// Returns where to put what is to be kept.
    #[must_use]
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Waits until everything recorded so far is written.
    pub async fn settled(&self) {
        self.records.settled().await;
    }

    /// Returns what digests of numbers are made with here.
    #[must_use]
    pub fn salt(&self) -> &Salt {
        &self.salt
    }

    fn node(&self) -> &str {
        &self.node
    }

    fn engine(&self) -> &Engine {
        &self.engine
    }

    fn readers(&self) -> &AnyPool {
        &self.readers
    }
}

#[cfg(test)]
pub(crate) mod tests;
