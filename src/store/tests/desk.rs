//! A store with its writer at work, on either database.

use agent_session::{How, Record, TurnReport};
use sqlx::{AnyConnection, Executor};
use tempfile::TempDir;
use tests_harness::postgres;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::Database;
use crate::sessions::{CallId, Channel, Status};
use crate::store::engine::Engine;
use crate::store::{Entry, LONE, Moment, NewCall, Store};

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
    pub(crate) database: Database,
    _folder: Option<TempDir>,
}

impl Place {
    pub(crate) fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            database: Database::File(folder.path().join("patch bay.db")),
            _folder: Some(folder),
        }
    }

    pub(crate) fn postgres() -> Self {
        let address = postgres::new_database().unwrap();
        Self {
            database: Database::Postgres(address.parse().unwrap()),
            _folder: None,
        }
    }
}

pub(crate) struct Desk {
    pub(crate) place: Place,
    pub(crate) store: Store,
    stop: CancellationToken,
    writing: JoinHandle<usize>,
}

impl Desk {
    pub(crate) async fn at(place: Place) -> Self {
        let engine = Engine::new(&place.database).unwrap();
        Self::on(place, engine).await
    }

    pub(in crate::store) async fn on(place: Place, engine: Engine) -> Self {
        let (store, writer) = Store::on(engine, LONE).await.unwrap();
        let stop = CancellationToken::new();
        let writing = tokio::spawn(writer.run(stop.clone()));
        Self {
            place,
            store,
            stop,
            writing,
        }
    }

    pub(crate) async fn stop(self) -> Place {
        let (place, lost) = self.stop_anyhow().await;
        assert_eq!(lost, 0);
        place
    }

    /// Stops, and tells how many entries were lost.
    pub(crate) async fn stop_anyhow(self) -> (Place, usize) {
        self.stop.cancel();
        let lost = self.writing.await.unwrap();
        (self.place, lost)
    }

    pub(crate) fn begin(&self, id: &str, at: i64) -> CallId {
        let call = CallId::from_store(id.to_owned());
        self.store.records().push(Entry::Began(NewCall {
            id: call.clone(),
            session: format!("web-{id}"),
            channel: Channel::Web,
            room: id.to_owned(),
            profile: Some("demo".to_owned()),
            agent: "wanted",
            metadata: String::new(),
            at: Moment(at).into(),
        }));
        call
    }

    pub(crate) fn advance(&self, call: &CallId, status: Status, at: i64) {
        let call = call.clone();
        self.store.records().push(Entry::Moved {
            call,
            status,
            at: Moment(at),
        });
    }

    /// Keeps everybody else from writing what is said, and from claiming calls, until the connection is closed.
    pub(crate) async fn lock(&self) -> AnyConnection {
        let engine = Engine::new(&self.place.database).unwrap();
        let mut other = engine.writer().await.unwrap();
        let statement = match &self.place.database {
            Database::File(_) => "BEGIN IMMEDIATE",
            Database::Postgres(_) => "BEGIN; LOCK TABLE call_messages, settings IN SHARE MODE",
        };
        other.execute(statement).await.unwrap();
        other
    }
}

pub(crate) fn said(text: &str) -> Record {
    Record {
        at_ms: 2_000,
        entry: agent_session::Entry::Person {
            identity: "ann".to_owned(),
            name: None,
            text: text.to_owned(),
            how: How::Spoken,
        },
    }
}

pub(crate) fn turn(turn: u64, total_ms: u64) -> Record {
    let report = TurnReport {
        turn,
        total_ms,
        ..TurnReport::default()
    };
    Record {
        at_ms: 3_000,
        entry: agent_session::Entry::Turn { report },
    }
}
