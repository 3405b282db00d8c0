//! The tables, brought up to date step by step; both databases take the same steps. One that was published never
//! changes.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyPool, SqlSafeStr};
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::StoreError;
use super::engine::{PATIENCE, PAUSE};
use crate::telemetry::chain;

/// Number, name and text of each step, in order.
pub(super) const STEPS: [(i64, &str, &str); 7] = [
    (1, "records", include_str!("migrations/0001_records.sql")),
    (2, "dialling", include_str!("migrations/0002_dialling.sql")),
    (3, "lines", include_str!("migrations/0003_lines.sql")),
    (4, "nodes", include_str!("migrations/0004_nodes.sql")),
    (
        5,
        "escalations",
        include_str!("migrations/0005_escalations.sql"),
    ),
    (
        6,
        "callbacks",
        include_str!("migrations/0006_callbacks.sql"),
    ),
    (
        7,
        "appointments",
        include_str!("migrations/0007_appointments.sql"),
    ),
];

/// Takes the steps that were not taken yet. Each is a transaction: one that broke off has left nothing behind.
pub(super) async fn apply(pool: &AnyPool) -> Result<(), StoreError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match migrator(&STEPS).run(pool).await {
            Ok(()) => return Ok(()),
            Err(failure) if is_passing(&failure) && Instant::now() < until => {
                warn!(error = chain(&failure), "the tables wait for the database");
                sleep(PAUSE).await;
            }
            Err(failure) => return Err(StoreError::Migration(failure)),
        }
    }
}

pub(super) fn migrator(steps: &[(i64, &'static str, &'static str)]) -> Migrator {
    let steps: Vec<_> = steps
        .iter()
        .map(|(version, name, text)| {
            let text = text.into_sql_str();
            Migration::new(
                *version,
                Cow::Borrowed(name),
                MigrationType::Simple,
                text,
                false,
            )
        })
        .collect();
    let mut migrator = Migrator::with_migrations(steps);
    // A newer server may have been here: its steps only add.
    migrator.set_ignore_missing(true);
    migrator
}

/// Locked, or done by another process between the look and the step.
fn is_passing(failure: &MigrateError) -> bool {
    matches!(
        failure,
        MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)
    )
}
