//! Escalations under way, for whoever takes up sessions after their server was killed.

use sqlx::Row;

use super::{Store, StoreError};

impl Store {
    /// Keeps where the escalation of a session stands; nothing of those that are over.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn keep_escalation(
        &self,
        session: &str,
        state: Option<&str>,
    ) -> Result<(), StoreError> {
        let statement = match state {
            Some(_) => {
                "INSERT INTO escalations (session_id, state) VALUES ($1, $2) \
                 ON CONFLICT (session_id) DO UPDATE SET state = $2"
            }
            None => "DELETE FROM escalations WHERE session_id = $1",
        };
        let query = sqlx::query(statement).bind(session);
        let query = match state {
            Some(state) => query.bind(state),
            None => query,
        };
        query.execute(self.readers()).await?;
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
