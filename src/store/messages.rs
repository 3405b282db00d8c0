//! Messages: what was said in a call, by whom, and what tools answered.

use agent_session::Entry;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Moment, Store, StoreError};
use crate::sessions::CallId;

/// Something that was said in a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallMessage {
    /// Its place in the call, shared with events.
    pub number: i64,
    /// When.
    pub at: Moment,
    /// What.
    pub entry: Entry,
}

impl Store {
    /// What was said in a call, in order, and not more than `most` of it?
    ///
    /// # Errors
    ///
    /// The database does not answer, or holds what nobody wrote.
    pub async fn messages(&self, call: &CallId, most: u32) -> Result<Vec<CallMessage>, StoreError> {
        let rows = sqlx::query(
            "SELECT number, at, body FROM call_messages WHERE call_id = $1 ORDER BY number LIMIT $2",
        )
        .bind(call.as_str())
        .bind(i64::from(most))
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(read).collect()
    }
}

/// Tells what sort of message an entry is and whose words it holds; `None` when it is none.
pub(super) fn message_of<'a>(entry: &'a Entry, body: &'a str) -> Option<NewMessage<'a>> {
    let (kind, speaker) = match entry {
        Entry::Person { identity, .. } => ("person", Some(identity.as_str())),
        Entry::Agent { .. } => ("agent", None),
        Entry::Calls { .. } => ("calls", None),
        Entry::Tool { .. } => ("tool", None),
        Entry::Note { .. } => ("note", None),
        _ => return None,
    };
    Some(NewMessage {
        kind,
        speaker,
        body,
    })
}

/// A message to be kept.
pub(super) struct NewMessage<'a> {
    kind: &'static str,
    speaker: Option<&'a str>,
    /// The whole entry, as JSON.
    body: &'a str,
}

/// Appends a message; its number follows the last one of the call.
pub(super) async fn append(
    to: &mut AnyConnection,
    call: &CallId,
    at: Moment,
    message: NewMessage<'_>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO call_messages (call_id, number, at, kind, speaker, body) \
         SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM \
         (SELECT MAX(number) AS number FROM call_messages WHERE call_id = $1 \
          UNION ALL SELECT MAX(number) FROM call_events WHERE call_id = $1) AS numbers",
    )
    .bind(call.as_str())
    .bind(at.0)
    .bind(message.kind)
    .bind(message.speaker)
    .bind(message.body)
    .execute(to)
    .await
    .map(drop)
}

fn read(row: &AnyRow) -> Result<CallMessage, StoreError> {
    let body: String = row.try_get("body")?;
    Ok(CallMessage {
        number: row.try_get("number")?,
        at: Moment(row.try_get("at")?),
        entry: serde_json::from_str(&body)?,
    })
}
