//! The tables, brought up to date step by step. A step that was published never changes.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{SqlSafeStr, SqlitePool};

use super::StoreError;

/// Number, name and text of each step, in order.
const STEPS: [(i64, &str, &str); 1] = [(1, "records", include_str!("migrations/0001_records.sql"))];

pub(super) async fn apply(pool: &SqlitePool) -> Result<(), StoreError> {
    let steps = STEPS.map(|(version, name, text)| {
        Migration::new(
            version,
            Cow::Borrowed(name),
            MigrationType::Simple,
            text.into_sql_str(),
            false,
        )
    });
    let mut migrator = Migrator::with_migrations(steps.into());
    // A newer server may have been here: its steps only add.
    migrator.set_ignore_missing(true);
    migrator.run(pool).await.map_err(StoreError::Migration)
}
