//! Nodes: servers that share the records, and which calls each looks after.

use std::time::Duration;

use sqlx::{AnyConnection, Row};

use super::{Moment, settings};

/// How often a node says that it is there.
pub(super) const BEAT: Duration = Duration::from_secs(5);

/// A node that was not seen for so long has left its calls to others. Clocks may differ by a few beats.
pub(crate) const GONE: Duration = Duration::from_secs(30);

/// One process of a node, and how much of what it wrote is there for certain.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    node: String,
    run: String,
    batch: i64,
}

impl Presence {
    pub(super) fn new(node: String) -> Self {
        let run = format!("{:08x}{:08x}", random(), random());
        Self {
            node,
            run,
            batch: 1,
        }
    }

    pub(super) fn node(&self) -> &str {
        &self.node
    }

    /// Says within a transaction that the node is there, and which batch the transaction is.
    pub(super) async fn sign(&self, to: &mut AnyConnection) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO nodes (id, run, batch, seen_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET run = $2, batch = $3, seen_at = $4",
        )
        .bind(&self.node)
        .bind(&self.run)
        .bind(self.batch)
        .bind(Moment::now().0)
        .execute(to)
        .await
        .map(drop)
    }

    /// Tells whether the batch was written although nobody said so.
    pub(super) async fn is_signed(&self, from: &mut AnyConnection) -> Result<bool, sqlx::Error> {
        let row = sqlx::query("SELECT batch FROM nodes WHERE id = $1 AND run = $2")
            .bind(&self.node)
            .bind(&self.run)
            .fetch_optional(from)
            .await?;
        let last = row.map(|row| row.try_get::<i64, _>(0)).transpose()?;
        Ok(last == Some(self.batch))
    }

    /// Goes on to the next batch.
    pub(super) fn turn_over(&mut self) {
        self.batch += 1;
    }
}

/// Has one node at a time take calls over. It is seen by that: another one must not take the same ones.
pub(super) async fn show_up(to: &mut AnyConnection, node: &str) -> Result<(), sqlx::Error> {
    settings::hold(to, "adoption").await?;
    sqlx::query(
        "INSERT INTO nodes (id, run, batch, seen_at) VALUES ($1, '', 0, $2) \
         ON CONFLICT (id) DO UPDATE SET seen_at = $2",
    )
    .bind(node)
    .bind(Moment::now().0)
    .execute(to)
    .await
    .map(drop)
}

/// Takes the calls over that `node` looked after before, and those of nodes that are gone.
pub(super) async fn take_over(to: &mut AnyConnection, node: &str) -> Result<(), sqlx::Error> {
    show_up(to, node).await?;
    sqlx::query(
        "UPDATE calls SET node = $1 WHERE ended_at IS NULL AND (node IS NULL OR NOT EXISTS \
         (SELECT 1 FROM nodes WHERE nodes.id = calls.node AND nodes.seen_at >= $2))",
    )
    .bind(node)
    .bind(since(GONE))
    .execute(to)
    .await
    .map(drop)
}

/// Takes over what nodes look after that were not seen since `$2`; ends before the names of the columns that are wanted.
pub(super) const TAKE_ADRIFT: &str = "UPDATE calls SET node = $1 WHERE ended_at IS NULL AND node <> $1 \
     AND (CAST($3 AS TEXT) IS NULL OR session_id = $3) AND NOT EXISTS \
     (SELECT 1 FROM nodes WHERE nodes.id = calls.node AND nodes.seen_at >= $2) RETURNING";

/// Calls that are asked for at once: SQLite takes some hundreds of values.
pub(super) const MOST_ASKED: usize = 200;

/// Asks which of so many calls, from `$2` on, other nodes than `$1` look after.
pub(super) fn elsewhere(calls: usize) -> String {
    let values: Vec<_> = (0..calls).map(|at| format!("${}", at + 2)).collect();
    let values = values.join(", ");
    format!("SELECT id FROM calls WHERE ended_at IS NULL AND node <> $1 AND id IN ({values})")
}

/// Returns since when a node was not seen that has been silent for so long.
pub(super) fn since(silent: Duration) -> i64 {
    let silent = i64::try_from(silent.as_millis()).unwrap_or(i64::MAX);
    Moment::now().0.saturating_sub(silent)
}

fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}
