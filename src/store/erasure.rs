//! Erasure: what was kept goes, when somebody asks for it or its time is over. Bare rows of calls stay for the figures.

use std::time::Duration;

use sqlx::AnyConnection;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Moment, Store, StoreError, appointments};
use crate::dial::Number;
use crate::telemetry::chain;

/// How often calls are looked at whose time is over.
const SWEEP: Duration = Duration::from_secs(3600);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Whose calls are meant.
const OF_NUMBER: &str = "SELECT id FROM calls WHERE from_digest = $1 OR to_digest = $1";

/// Calls that are over since then or longer.
const BEFORE: &str = "SELECT id FROM calls WHERE ended_at < $1";

impl Store {
    /// Deletes calls whose time is over, every hour, until `stop` is cancelled.
    pub async fn sweep(self, stop: CancellationToken) {
        let days = self.settings.keep_days;
        if days == 0 {
            return;
        }
        loop {
            match self.delete_old(Moment::now(), DAY * days).await {
                Ok(0) => {}
                Ok(calls) => info!(calls, "calls were deleted whose time was over"),
                Err(failure) => warn!(error = chain(&failure), "old calls cannot be deleted"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(SWEEP) => {}
            }
        }
    }

    /// Erases what calls from and to a number left behind: words, events, numbers, free text. Answers how many calls
    /// there were. Numbers that were never kept cannot be found.
    ///
    /// # Errors
    ///
    /// The database does not answer; then nothing was erased.
    pub async fn erase_number(&self, number: &Number) -> Result<u64, StoreError> {
        let digest = number.digest(self.salt());
        // What was said until now goes as well.
        self.settled().await;
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        erase_words(&mut transaction, OF_NUMBER, digest.as_str()).await?;
        let calls = sqlx::query(
            "UPDATE calls SET from_number = NULL, from_digest = NULL, to_number = NULL, to_digest = NULL, \
             metadata = '' WHERE from_digest = $1 OR to_digest = $1",
        )
        .bind(&digest)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        // The digest stays as long as it counts for the caps of a day.
        sqlx::query("UPDATE intents SET to_number = NULL WHERE to_digest = $1")
            .bind(&digest)
            .execute(&mut *transaction)
            .await?;
        appointments::erase_number(&mut transaction, &digest).await?;
        // Nobody is called back whose number is to be forgotten.
        sqlx::query("DELETE FROM callbacks WHERE digest = $1")
            .bind(&digest)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        drop(connection);
        // Whoever reads at that moment is in the way; the next one who wipes is not.
        drop(self.wipe().await);
        Ok(calls)
    }

    /// Deletes calls that have been over for longer than `keep`, and all that is known of them. Answers how many.
    ///
    /// # Errors
    ///
    /// The database does not answer; then nothing was deleted.
    pub async fn delete_old(&self, now: Moment, keep: Duration) -> Result<u64, StoreError> {
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before = now.0.saturating_sub(keep);
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        erase_words(&mut transaction, BEFORE, before).await?;
        let calls = sqlx::query("DELETE FROM calls WHERE ended_at < $1")
            .bind(before)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        for table in ["intents", "callbacks"] {
            let statement = format!("DELETE FROM {table} WHERE ended_at < $1");
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .bind(before)
                .execute(&mut *transaction)
                .await?;
        }
        appointments::delete_old(&mut transaction, before).await?;
        transaction.commit().await?;
        Ok(calls)
    }
}

async fn erase_words<'a, V>(
    from: &mut AnyConnection,
    calls: &'static str,
    value: V,
) -> Result<(), sqlx::Error>
where
    V: sqlx::Encode<'a, sqlx::Any> + sqlx::Type<sqlx::Any> + Copy + Send + 'a,
{
    for table in ["call_messages", "call_events"] {
        let statement = format!("DELETE FROM {table} WHERE call_id IN ({calls})");
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .bind(value)
            .execute(&mut *from)
            .await?;
    }
    Ok(())
}
