//! Escalations under way, for whoever takes up sessions after their server was killed.

use sqlx::{AnyConnection, Row};

use super::{Entry, Store, StoreError};

impl Store {
    /// Keeps where the escalation of a session stands; nothing of those that are over. It is written once this returns,
    /// and while the database does not answer, as soon as it does.
    pub(crate) async fn keep_escalation(&self, session: &str, state: Option<String>) {
        self.records().push(Entry::Escalation {
            session: session.to_owned(),
            state,
        });
        self.settled().await;
    }

    /// Forgets the escalation of a session, whoever looked after it.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn forget_escalation(&self, session: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM escalations WHERE session_id = $1")
            .bind(session)
            .execute(self.readers())
            .await?;
        Ok(())
    }

    /// Returns where the escalation of a session stands, if there is one.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn escalation(&self, session: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT state FROM escalations WHERE session_id = $1")
            .bind(session)
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Forgets the escalations of sessions that are over: a later session in the same room has none of its own. Those of
    /// callbacks stay for as long as somebody carries them out, who has to know which calls to end.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn forget_escalations(&self) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM escalations WHERE session_id NOT IN \
             (SELECT session_id FROM calls WHERE ended_at IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM callbacks WHERE callbacks.state = 'dialling' \
             AND escalations.session_id LIKE 'phone-callback-' || callbacks.id || '%')",
        )
        .execute(self.readers())
        .await?;
        Ok(())
    }

    /// Returns the escalations that were under way: the session of each, and where it stood.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn escalations(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query("SELECT session_id, state FROM escalations")
            .fetch_all(self.readers())
            .await?;
        let read = |row: &sqlx::any::AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }
}

/// What another node has taken over is that one's to tell.
pub(super) async fn keep(
    to: &mut AnyConnection,
    session: &str,
    state: Option<&str>,
    node: &str,
) -> Result<(), sqlx::Error> {
    let query = match state {
        Some(state) => sqlx::query(
            "INSERT INTO escalations (session_id, state) SELECT $2, $3 \
             WHERE EXISTS (SELECT 1 FROM calls WHERE session_id = $2 AND (node IS NULL OR node = $1)) \
             ON CONFLICT (session_id) DO UPDATE SET state = excluded.state",
        )
        .bind(node)
        .bind(session)
        .bind(state),
        None => sqlx::query(
            "DELETE FROM escalations WHERE session_id = $2 \
             AND EXISTS (SELECT 1 FROM calls WHERE session_id = $2 AND (node IS NULL OR node = $1))",
        )
        .bind(node)
        .bind(session),
    };
    query.execute(to).await?;
    Ok(())
}
