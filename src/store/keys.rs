//! API keys: who may do what. Of a key itself only its SHA-256 is kept.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Moment, Store, StoreError};
use crate::config::{ApiKey, KeyKind, Scope};

/// A key about to be kept.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its id.
    pub id: String,
    /// What is kept of it.
    pub key: ApiKey,
}

/// A key as it is kept.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// Its id.
    pub id: String,
    /// What is known of it.
    pub key: ApiKey,
    /// When it was made.
    pub created_at: Moment,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Moment>,
}

impl Store {
    /// Which valid key has this digest?
    ///
    /// # Errors
    ///
    /// The database does not answer, or holds what nobody wrote.
    pub async fn key_with(&self, digest: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        let row = sqlx::query(
            "SELECT id, name, kind, digest, scopes, origins, created_at, revoked_at FROM api_keys \
             WHERE digest = $1 AND revoked_at IS NULL",
        )
        .bind(hex(digest))
        .fetch_optional(self.readers())
        .await?;
        Ok(row
            .map(|row| read(&row))
            .transpose()?
            .map(|record| record.key))
    }

    /// Which keys were made, the newest first?
    ///
    /// # Errors
    ///
    /// The database does not answer, or holds what nobody wrote.
    pub async fn keys(&self) -> Result<Vec<KeyRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, name, kind, digest, scopes, origins, created_at, revoked_at FROM api_keys \
             ORDER BY created_at DESC, id",
        )
        .fetch_all(self.readers())
        .await?;
        rows.iter().map(read).collect()
    }

    /// Keeps a key.
    ///
    /// # Errors
    ///
    /// The database does not answer, or the key exists.
    pub async fn keep_key(&self, new: &NewKey) -> Result<(), StoreError> {
        let key = &new.key;
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.name()).collect();
        sqlx::query(
            "INSERT INTO api_keys (id, name, kind, digest, scopes, origins, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&new.id)
        .bind(&key.name)
        .bind(key.kind.name())
        .bind(hex(&key.digest))
        .bind(serde_json::to_string(&scopes)?)
        .bind(serde_json::to_string(key.kind.origins())?)
        .bind(Moment::now().0)
        .execute(self.readers())
        .await
        .map(drop)
        .map_err(|error| match error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => StoreError::Exists,
            other => other.into(),
        })
    }

    /// Makes a key open nothing any more; answers whether there was one.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn revoke_key(&self, id: &str) -> Result<bool, StoreError> {
        let done =
            sqlx::query("UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                .bind(id)
                .bind(Moment::now().0)
                .execute(self.readers())
                .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn read(row: &AnyRow) -> Result<KeyRecord, StoreError> {
    let kind: String = row.try_get("kind")?;
    let digest: String = row.try_get("digest")?;
    let scopes: Vec<String> = serde_json::from_str(row.try_get("scopes")?)?;
    let origins: Vec<String> = serde_json::from_str(row.try_get("origins")?)?;
    Ok(KeyRecord {
        id: row.try_get("id")?,
        key: ApiKey {
            name: row.try_get("name")?,
            digest: ApiKey::parse_digest(&digest).unwrap_or_default(),
            // A scope of a newer server opens nothing here.
            scopes: scopes
                .iter()
                .filter_map(|name| Scope::named(name))
                .collect(),
            kind: KeyKind::read(&kind, origins),
        },
        created_at: Moment(row.try_get("created_at")?),
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Moment),
    })
}

fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
