//! Settings: what operators switch while servers run, and what the store sets for itself.

use sqlx::{AnyConnection, AnyPool, Row};

use super::{Store, StoreError};
use crate::dial::Salt;

impl Store {
    /// May calls be placed at all?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn dialling(&self) -> Result<bool, StoreError> {
        let value = get(self.readers(), "dialling").await?;
        Ok(value.as_deref() == Some("on"))
    }

    /// Switches dialling on or off, for every node, from the next call on.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn switch_dialling(&self, on: bool) -> Result<(), StoreError> {
        sqlx::query("UPDATE settings SET value = $1 WHERE name = 'dialling'")
            .bind(if on { "on" } else { "off" })
            .execute(self.readers())
            .await?;
        Ok(())
    }
}

/// Returns what a setting says, and keeps others from holding it until the transaction ends.
pub(super) async fn hold(to: &mut AnyConnection, name: &str) -> Result<String, sqlx::Error> {
    sqlx::query("UPDATE settings SET value = value WHERE name = $1 RETURNING value")
        .bind(name)
        .fetch_one(to)
        .await?
        .try_get(0)
}

/// Returns what is mixed into digests of numbers, made when there is none yet.
pub(super) async fn salt(pool: &AnyPool) -> Result<Salt, sqlx::Error> {
    if let Some(salt) = get(pool, "salt").await? {
        return Ok(Salt::new(salt));
    }
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| sqlx::Error::Io(error.into()))?;
    let salt: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Another node may have been quicker.
    sqlx::query(
        "INSERT INTO settings (name, value) VALUES ('salt', $1) ON CONFLICT (name) DO NOTHING",
    )
    .bind(&salt)
    .execute(pool)
    .await?;
    Ok(Salt::new(get(pool, "salt").await?.unwrap_or(salt)))
}

async fn get(pool: &AnyPool, name: &str) -> Result<Option<String>, sqlx::Error> {
    let row = sqlx::query("SELECT value FROM settings WHERE name = $1")
        .bind(name)
        .fetch_optional(pool)
        .await?;
    row.map(|row| row.try_get(0)).transpose()
}
