//! Events: what happened in a call besides words, such as turns with their latency and faults of providers.

use agent_session::Entry;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Moment, Store, StoreError};
use crate::sessions::CallId;

/// Something that happened in a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallEvent {
    /// Its place in the call, shared with messages.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// What.
    pub entry: Entry,
}

/// An event about to be kept.
pub(super) struct NewEvent<'a> {
    pub(super) kind: &'static str,
    pub(super) took_ms: Option<i64>,
    pub(super) body: &'a str,
}

impl Store {
    /// What happened in a call, in order, and not more than `most` of it?
    ///
    /// # Errors
    ///
    /// The database does not answer, or holds what nobody wrote.
    pub async fn events(&self, call: &CallId, most: u32) -> Result<Vec<CallEvent>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, at, body FROM call_events WHERE call_id = $1 ORDER BY number LIMIT $2",
        )
        .bind(call.as_str())
        .bind(i64::from(most))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(read).collect()
    }
}

/// Tells what sort of event an entry is, and the latency that it holds.
pub(super) fn event_of(entry: &Entry) -> (&'static str, Option<i64>) {
    match entry {
        Entry::Turn { report } => ("turn", i64::try_from(report.total_ms).ok()),
        Entry::Fault { .. } => ("fault", None),
        Entry::Ended { .. } => ("ended", None),
        _ => ("other", None),
    }
}

/// Appends an event; its number follows the last one of the call.
pub(super) async fn append(
    to: &mut AnyConnection,
    call: &CallId,
    at: Moment,
    event: NewEvent<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO call_events (call_id, number, at, kind, took_ms, body) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM \
         (SELECT MAX(number) AS number FROM call_messages WHERE call_id = $1 \
          UNION ALL SELECT MAX(number) FROM call_events WHERE call_id = $1) AS numbers",
    )
    .bind(call.as_str())
    .bind(at.0)
    .bind(event.kind)
    .bind(event.took_ms)
    .bind(event.body)
    .execute(to)
    .await
    .map(drop)
}

fn read(row: &AnyRow) -> Result<CallEvent, StoreError> {
    let body: String = row.try_get("body")?;
    Ok(CallEvent {
        number: row.try_get("number")?,
        at: Moment(row.try_get("at")?),
        entry: serde_json::from_str(&body)?,
    })
}
