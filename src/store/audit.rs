//! The audit: who did what to what.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AnyConnection, Row};

use super::{Moment, Store, StoreError};

/// Something that somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Moment,
    /// The name of the key, or of the command.
    pub actor: String,
    /// What, such as `room.remove`.
    pub action: &'static str,
    /// To what, such as a session's id.
    pub subject: String,
}

impl Deed {
    /// Describes something that was done at this moment.
    #[must_use]
    pub fn new(actor: impl Into<String>, action: &'static str, subject: impl Into<String>) -> Self {
        /// Deeds of the same millisecond stay in order.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let number = getrandom::u32().unwrap_or_default();
        let at = Moment::now();
        Self {
            id: format!("deed-{:011x}{count:08x}{number:08x}", at.0),
            at,
            actor: actor.into(),
            action,
            subject: subject.into(),
        }
    }
}

impl Store {
    /// Who did what to `subject`, in order, each as actor and action?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn deeds(&self, subject: &str) -> Result<Vec<(String, String)>, StoreError> {
        let rows =
            sqlx::query("SELECT actor, action FROM audit WHERE subject = $1 ORDER BY at, id")
                .bind(subject)
                .fetch_all(self.readers())
                .await?;
        let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }
}

pub(super) async fn note(to: &mut AnyConnection, deed: &Deed) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit (id, at, actor, action, subject, detail) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&deed.id)
    .bind(deed.at.0)
    .bind(&deed.actor)
    .bind(deed.action)
    .bind(&deed.subject)
    .bind("{}")
    .execute(to)
    .await
    .map(drop)
}
