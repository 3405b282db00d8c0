//! Where records are: a file, or a database of the tests' `PostgreSQL`.

use patchbay::config::Database;
use patchbay::store::{CallRecord, LONE, Store, Writer};
use sqlx::{AnyConnection, Connection, Executor};
use tempfile::TempDir;

/// Makes a test of each story on each database.
macro_rules! on_both {
    ($($story:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Place::file()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test]
            async fn $story() {
                super::$story(super::Place::postgres()).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// Where records are, and what has to stay as long as they do.
pub(crate) struct Place {
    database: Database,
    /// Which of the servers that share it.
    node: &'static str,
    _folder: Option<TempDir>,
}

impl Place {
    /// A file in a folder of its own.
    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            database: Database::File(folder.path().join("patchbay.db")),
            node: LONE,
            _folder: Some(folder),
        }
    }

    /// Keeps everybody else from writing until the connection is closed. A server must have been here.
    pub(crate) async fn lock(&self) -> AnyConnection {
        let (address, statement) = match &self.database {
            Database::File(path) => (format!("sqlite://{}", path.display()), "BEGIN IMMEDIATE"),
            Database::Postgres(url) => (
                url.to_string(),
                "BEGIN; LOCK TABLE calls, call_messages, call_events, settings IN SHARE MODE",
            ),
        };
        let mut connection = AnyConnection::connect(&address).await.unwrap();
        connection.execute(statement).await.unwrap();
        connection
    }

    /// Returns all that a file holds, what is not moved into it yet included.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Database::File(path) = &self.database else {
            return Vec::new();
        };
        ["", "-wal"]
            .into_iter()
            .flat_map(|end| {
                let path = format!("{}{end}", path.display());
                std::fs::read(path).unwrap_or_default()
            })
            .collect()
    }

    /// A database of the tests' `PostgreSQL`.
    pub(crate) fn postgres() -> Self {
        let address = tests_harness::postgres::new_database().unwrap();
        Self {
            database: Database::Postgres(address.parse().unwrap()),
            node: LONE,
            _folder: None,
        }
    }

    /// The same database for two servers.
    pub(crate) fn shared() -> [Self; 2] {
        let first = Self::postgres();
        ["a", "b"].map(|node| Self {
            database: first.database.clone(),
            node,
            _folder: None,
        })
    }

    /// A file answers in its own time: on a thread that keeps a paused clock from jumping meanwhile. A socket belongs to the
    /// runtime that has opened it, so the clock must not be paused then.
    pub(crate) async fn open_store(&self) -> (Store, Writer, Vec<CallRecord>) {
        let (database, node) = (self.database.clone(), self.node);
        if matches!(database, Database::Postgres(_)) {
            return open(&database, node).await;
        }
        let opening = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(open(&database, node))
        };
        tokio::task::spawn_blocking(opening).await.unwrap()
    }
}

async fn open(database: &Database, node: &str) -> (Store, Writer, Vec<CallRecord>) {
    let (store, writer) = Store::open_as(database, node).await.unwrap();
    let left_behind = store.unended_calls().await.unwrap();
    (store, writer, left_behind)
}
