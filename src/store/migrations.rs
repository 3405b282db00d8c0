//! The tables, brought up to date step by step; both databases take the same steps. One that was published never
//! changes.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, SqlSafeStr};

use super::StoreError;

/// Number, name and text of each step, in order.
const STEPS: [(i64, &str, &str); 3] = [
    (1, "records", include_str!("migrations/0001_records.sql")),
    (2, "dialling", include_str!("migrations/0002_dialling.sql")),
    (3, "lines", include_str!("migrations/0003_lines.sql")),
];

pub(super) async fn apply(pool: &AnyPool) -> Result<(), StoreError> {
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
