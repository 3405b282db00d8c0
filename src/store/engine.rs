//! The two databases that records may be kept in, and all that differs between them: how they are reached, how a
//! writing transaction begins, and which of their complaints pass.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::error::ErrorKind;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;
use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection, Executor, Row, Transaction,
};
use tokio::time::timeout;
use url::Url;

use crate::config::Database;

/// Readers at once; one more waits.
const READERS: u32 = 4;

/// How long a connection may take before whoever wants it is told that the database does not answer.
const CONNECTING: Duration = Duration::from_secs(5);

/// How long somebody who needs an answer waits for a database that is locked.
pub(super) const PATIENCE: Duration = Duration::from_secs(8);

/// Before it is tried again.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// How long a transaction that writes may take: longer than the server lets a statement of it take.
const TRANSACTION: Duration = Duration::from_secs(20);

/// What a connection of `SQLite` begins with. With a write-ahead log `NORMAL` loses nothing when the process is killed.
/// What is deleted is written over. A statement waits two seconds for another process that writes, such as `patchbay key create`; the writer tries again
/// for as long as it takes.
const SQLITE: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";

/// What a connection of `PostgreSQL` begins with: the same patience with others that write, and a bound for everything. A
/// node that is cut off in the middle of a transaction must not keep the others from what it has locked.
const POSTGRES: &str = "SET lock_timeout = 2000; SET statement_timeout = 15000; \
     SET idle_in_transaction_session_timeout = 15000; SET TIME ZONE 'UTC';";

/// How to reach the database.
#[derive(Clone)]
pub(super) struct Engine {
    kind: Kind,
    options: AnyConnectOptions,
    /// What each connection begins with.
    opening: Cow<'static, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Engine {
    /// # Errors
    ///
    /// The database's address cannot be used at all.
    pub(super) fn new(database: &Database) -> Result<Self, sqlx::Error> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let (kind, options) = match database {
            Database::File(path) => (Kind::Sqlite, AnyConnectOptions::from_str(&file(path)?)?),
            Database::Postgres(url) => (Kind::Postgres, AnyConnectOptions::from_url(url)?),
        };
        Ok(Self {
            opening: kind.opening().into(),
            kind,
            options,
        })
    }

    /// Adds a statement to what each connection begins with.
    #[cfg(test)]
    pub(super) fn opening_with(mut self, statement: &str) -> Self {
        self.opening.to_mut().push_str(statement);
        self
    }

    /// Returns connections for those who read.
    pub(super) async fn readers(&self) -> Result<AnyPool, sqlx::Error> {
        let opening = self.opening.clone();
        let pool = AnyPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(CONNECTING)
            .after_connect(move |connection, _| {
                let opening = AssertSqlSafe(opening.clone());
                Box::pin(async move { connection.execute(opening).await.map(drop) })
            });
        let pool = match self.kind {
            // A file does not go away.
            Kind::Sqlite => pool
                .max_lifetime(None)
                .idle_timeout(None)
                .test_before_acquire(false),
            Kind::Postgres => pool,
        };
        pool.connect_with(self.options.clone()).await
    }

    /// Returns a connection for the one who writes.
    pub(super) async fn writer(&self) -> Result<AnyConnection, sqlx::Error> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            connection
                .execute(AssertSqlSafe(self.opening.clone()))
                .await?;
            Ok(connection)
        };
        match self.kind {
            // A file is there at once, or not at all.
            Kind::Sqlite => connecting.await,
            Kind::Postgres => timeout(CONNECTING, connecting)
                .await
                .unwrap_or(Err(sqlx::Error::PoolTimedOut)),
        }
    }

    /// Tells whether other nodes may write as well.
    pub(super) const fn is_shared(&self) -> bool {
        matches!(self.kind, Kind::Postgres)
    }

    /// Returns how long a transaction may take before its connection is given up: a server may be gone without a word. A
    /// file is not.
    pub(super) const fn patience(&self) -> Option<Duration> {
        match self.kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(TRANSACTION),
        }
    }

    /// Has what was deleted go from the write-ahead log of a file as well; tells whether it has: whoever reads or writes
    /// at that moment is in the way.
    pub(super) async fn wipe(&self, readers: &AnyPool) -> Result<bool, sqlx::Error> {
        match self.kind {
            Kind::Sqlite => {
                let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                    .fetch_one(readers)
                    .await?;
                Ok(row.try_get::<i64, _>(0)? == 0)
            }
            Kind::Postgres => Ok(true),
        }
    }

    /// Begins a transaction that writes.
    pub(super) async fn begin<'c>(
        &self,
        connection: &'c mut AnyConnection,
    ) -> Result<Transaction<'c, sqlx::Any>, sqlx::Error> {
        match self.kind {
            // Takes the lock at once: a transaction that begins by reading may find that it cannot write any more.
            Kind::Sqlite => connection.begin_with("BEGIN IMMEDIATE").await,
            Kind::Postgres => connection.begin().await,
        }
    }
}

impl Kind {
    const fn opening(self) -> &'static str {
        match self {
            Self::Sqlite => SQLITE,
            Self::Postgres => POSTGRES,
        }
    }
}

impl fmt::Debug for Engine {
    /// The options may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Engine({:?})", self.kind)
    }
}

/// Tells whether trying again helps: locked, full, or out of reach passes; what the tables do not accept does not.
pub(super) fn passes(failure: &sqlx::Error) -> bool {
    match failure {
        sqlx::Error::Database(error) => match error.kind() {
            ErrorKind::UniqueViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::NotNullViolation
            | ErrorKind::CheckViolation => false,
            _ => !is_nonsense(error.as_ref()),
        },
        sqlx::Error::Encode(_) | sqlx::Error::Protocol(_) => false,
        _ => true,
    }
}

/// Tells whether a database complains of what it was given: a violated rule, a wrong type, a value out of range.
fn is_nonsense(error: &dyn sqlx::error::DatabaseError) -> bool {
    /// The first byte of `SQLite`'s codes.
    const SQLITE: [i32; 3] = [19, 20, 25];
    /// The first two digits of an `SQLSTATE`: data, integrity.
    const POSTGRES: [&str; 2] = ["22", "23"];
    let Some(code) = error.code() else {
        return false;
    };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        return code
            .parse::<i32>()
            .is_ok_and(|code| SQLITE.contains(&(code & 0xff)));
    }
    error.try_downcast_ref::<PgDatabaseError>().is_some()
        && POSTGRES.iter().any(|class| code.starts_with(class))
}

/// Returns the address of a file, made when it is not there.
fn file(path: &Path) -> Result<String, sqlx::Error> {
    let whole = std::path::absolute(path)?;
    let unusable = || sqlx::Error::Configuration("the path cannot be written as an address".into());
    let url = Url::from_file_path(whole).map_err(|()| unusable())?;
    Ok(format!("sqlite://{}?mode=rwc", url.path()))
}
