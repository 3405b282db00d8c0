//! Callbacks: who is to be called back, when, and which node does it. One is carried out at a time, on whichever node.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use tokio::time::{Instant, sleep};

use super::engine::{PATIENCE, PAUSE, passes};
use super::nodes::{GONE, since};
use super::{Moment, Store, StoreError, settings};
use crate::dial::{Keeping, Number};

/// Callbacks that may wait; one more is refused.
const MOST_WAITING: i64 = 1_000;

/// A callback that somebody wants.
#[derive(Debug, Clone)]
pub(crate) struct NewCallback {
    /// Its id.
    pub(crate) id: String,
    /// The session in which it was asked for.
    pub(crate) session: String,
    /// Whose voice it was.
    pub(crate) profile: Option<String>,
    /// In which language, by its tag.
    pub(crate) language: String,
    /// Who is wanted: a contact by id or name, or what they have to know.
    pub(crate) contact: Option<String>,
    /// What the caller is called.
    pub(crate) name: Option<String>,
    /// Their number.
    pub(crate) number: Number,
    /// Why.
    pub(crate) reason: Option<String>,
    /// What was said so far.
    pub(crate) summary: Option<String>,
    /// Who asked: the name of an API key, or of a tool.
    pub(crate) by: String,
    /// When it was asked for.
    pub(crate) at: Moment,
    /// When they are to be called.
    pub(crate) due: Moment,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It stands under this id: a new one, or the one that there was for this number, as it is wanted now.
    As(String),
    /// It is being carried out under this id, and stays as it was.
    UnderWay(String),
    /// Too many wait.
    Full,
}

/// How far a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallbackState {
    /// Its time has not come.
    Waiting,
    /// Somebody is being called.
    Dialling,
    /// They have talked.
    Done,
    /// They could not be brought together.
    Missed,
    /// It was called off.
    Cancelled,
}

impl CallbackState {
    const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Dialling,
        Self::Done,
        Self::Missed,
        Self::Cancelled,
    ];

    /// Returns the state as it stands in records and answers.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dialling => "dialling",
            Self::Done => "done",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A callback as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CallbackRecord {
    /// Its id.
    pub(crate) id: String,
    /// The session in which it was asked for.
    pub(crate) session: String,
    /// Whose voice it was.
    pub(crate) profile: Option<String>,
    /// In which language.
    pub(crate) language: String,
    /// Who is wanted.
    pub(crate) contact: Option<String>,
    /// What the caller is called.
    pub(crate) name: Option<String>,
    /// Their number: whole until it is over, then as much as is kept.
    pub(crate) number: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// What was said so far.
    pub(crate) summary: Option<String>,
    /// Who asked.
    pub(crate) by: String,
    /// How far it is.
    pub(crate) state: CallbackState,
    /// How often somebody was called for it, a call under way included.
    pub(crate) attempts: u32,
    /// When it was asked for.
    pub(crate) created_at: Moment,
    /// When they are to be called.
    pub(crate) due_at: Moment,
    /// When it was over.
    pub(crate) ended_at: Option<Moment>,
}

impl CallbackRecord {
    /// Returns the whole number, as long as it is there.
    pub(crate) fn whole_number(&self) -> Option<Number> {
        Number::parse(self.number.as_deref()?, None).ok()
    }
}

/// Whether an attempt counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counting {
    /// It does.
    Counts,
    /// Nobody was called for it.
    CountsNot,
}

const COLUMNS: &str = "id, session_id, profile, language, contact, name, number, reason, summary, asked_by, state, \
     attempts, created_at, due_at, ended_at";

/// Those of the node `$2`, and those of others that were not seen since `$1`.
const ABANDONED: &str = "state = 'dialling' AND (node = $2 OR NOT EXISTS \
     (SELECT 1 FROM nodes WHERE nodes.id = callbacks.node AND nodes.seen_at >= $1))";

impl Store {
    /// Notes that somebody wants to be called back. Whoever has asked before is called once, as they want it now.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn note_callback(&self, new: &NewCallback) -> Result<Noted, StoreError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_note(new).await {
                Err(failure) if passes(&failure) && Instant::now() < until => sleep(PAUSE).await,
                done => return Ok(done?),
            }
        }
    }

    async fn try_note(&self, new: &NewCallback) -> Result<Noted, sqlx::Error> {
        let digest = new.number.digest(self.salt());
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        settings::hold(&mut transaction, "callbacks").await?;
        let known =
            sqlx::query("SELECT id, state FROM callbacks WHERE digest = $1 AND ended_at IS NULL")
                .bind(&digest)
                .fetch_optional(&mut *transaction)
                .await?;
        let noted = match known {
            Some(row) => {
                let (id, state): (String, String) = (row.try_get(0)?, row.try_get(1)?);
                if state != CallbackState::Waiting.name() {
                    return Ok(Noted::UnderWay(id));
                }
                change(&mut transaction, &id, new).await?;
                Noted::As(id)
            }
            None if waiting(&mut transaction).await? >= MOST_WAITING => return Ok(Noted::Full),
            None => {
                insert(&mut transaction, new, &digest).await?;
                Noted::As(new.id.clone())
            }
        };
        transaction.commit().await?;
        Ok(noted)
    }

    /// Tells whether one is due, or being carried out. Asks for no lock.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn has_callbacks_to_look_at(&self, now: Moment) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT id FROM callbacks WHERE state = 'dialling' OR (state = 'waiting' AND due_at <= $1) LIMIT 1",
        )
        .bind(now.0)
        .fetch_optional(self.readers())
        .await?;
        Ok(row.is_some())
    }

    /// Claims the next callback that is due; none while one is being carried out, here or elsewhere.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn claim_callback(
        &self,
        now: Moment,
    ) -> Result<Option<CallbackRecord>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        settings::hold(&mut transaction, "callbacks").await?;
        let statement = format!(
            "UPDATE callbacks SET state = 'dialling', node = $1, claimed_at = $2, attempts = attempts + 1 \
             WHERE id = (SELECT id FROM callbacks WHERE state = 'waiting' AND due_at <= $2 \
             ORDER BY due_at, id LIMIT 1) AND state = 'waiting' \
             AND NOT EXISTS (SELECT 1 FROM callbacks WHERE state = 'dialling') RETURNING {COLUMNS}"
        );
        let row = sqlx::query(AssertSqlSafe(statement))
            .bind(self.node())
            .bind(now.0)
            .fetch_optional(&mut *transaction)
            .await?;
        let claimed = row.map(|row| read(&row)).transpose()?;
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Takes over those that nobody carries out any more: of nodes that are gone, and this node's own. Not to be asked
    /// while it carries one out.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn take_abandoned_callbacks(&self) -> Result<Vec<CallbackRecord>, StoreError> {
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        settings::hold(&mut transaction, "callbacks").await?;
        let statement =
            format!("UPDATE callbacks SET node = $2 WHERE {ABANDONED} RETURNING {COLUMNS}");
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(since(GONE))
            .bind(self.node())
            .fetch_all(&mut *transaction)
            .await?;
        let taken = rows.iter().map(read).collect::<Result<_, _>>()?;
        transaction.commit().await?;
        Ok(taken)
    }

    /// Puts one back that this node was carrying out.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn put_callback_back(
        &self,
        id: &str,
        due: Moment,
        counting: Counting,
    ) -> Result<(), StoreError> {
        let uncounted: i64 = match counting {
            Counting::Counts => 0,
            Counting::CountsNot => 1,
        };
        sqlx::query(
            "UPDATE callbacks SET state = 'waiting', node = NULL, claimed_at = NULL, due_at = $2, \
             attempts = attempts - $3 WHERE id = $1 AND state = 'dialling' AND node = $4",
        )
        .bind(id)
        .bind(due.0)
        .bind(uncounted)
        .bind(self.node())
        .execute(self.readers())
        .await?;
        Ok(())
    }

    /// Ends one, whoever carries it out; of its number stays what is kept. Tells whether it was not over before.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn end_callback(
        &self,
        id: &str,
        state: CallbackState,
    ) -> Result<bool, StoreError> {
        let number = self.callback(id).await?.and_then(|one| one.whole_number());
        let kept = number.and_then(|number| number.kept(self.keeping()));
        let keeps_none = i64::from(self.keeping() == Keeping::None);
        let ended = sqlx::query(
            "UPDATE callbacks SET state = $2, number = $3, digest = CASE WHEN $4 = 1 THEN NULL ELSE digest END, \
             node = NULL, ended_at = $5 WHERE id = $1 AND ended_at IS NULL",
        )
        .bind(id)
        .bind(state.name())
        .bind(kept)
        .bind(keeps_none)
        .bind(Moment::now().0)
        .execute(self.readers())
        .await?
        .rows_affected();
        Ok(ended > 0)
    }

    /// Returns a callback.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn callback(&self, id: &str) -> Result<Option<CallbackRecord>, StoreError> {
        let statement = format!("SELECT {COLUMNS} FROM callbacks WHERE id = $1");
        let row = sqlx::query(AssertSqlSafe(statement))
            .bind(id)
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| read(&row)).transpose()?)
    }

    /// Returns callbacks: those that are not over by their time, then the others, the latest first.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn callbacks(&self, most: u32) -> Result<Vec<CallbackRecord>, StoreError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM callbacks ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, \
             CASE WHEN ended_at IS NULL THEN due_at ELSE -due_at END, id LIMIT $1"
        );
        let rows = sqlx::query(AssertSqlSafe(statement))
            .bind(i64::from(most))
            .fetch_all(self.readers())
            .await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Has what was deleted go from the file as well; tells whether it has.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub(crate) async fn wipe(&self) -> Result<bool, StoreError> {
        Ok(self.engine().wipe(self.readers()).await?)
    }
}

async fn waiting(from: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT COUNT(*) FROM callbacks WHERE ended_at IS NULL")
        .fetch_one(from)
        .await?
        .try_get(0)
}

async fn change(to: &mut AnyConnection, id: &str, new: &NewCallback) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE callbacks SET due_at = $2, contact = COALESCE($3, contact), reason = COALESCE($4, reason), \
         summary = COALESCE($5, summary), name = COALESCE($6, name), attempts = 0 WHERE id = $1",
    )
    .bind(id)
    .bind(new.due.0)
    .bind(new.contact.as_deref())
    .bind(new.reason.as_deref())
    .bind(new.summary.as_deref())
    .bind(new.name.as_deref())
    .execute(to)
    .await
    .map(drop)
}

async fn insert(
    to: &mut AnyConnection,
    new: &NewCallback,
    digest: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO callbacks (id, session_id, profile, language, contact, name, number, digest, reason, summary, \
         asked_by, state, attempts, created_at, due_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'waiting', 0, $12, $13)",
    )
    .bind(&new.id)
    .bind(&new.session)
    .bind(new.profile.as_deref())
    .bind(&new.language)
    .bind(new.contact.as_deref())
    .bind(new.name.as_deref())
    .bind(new.number.e164())
    .bind(digest)
    .bind(new.reason.as_deref())
    .bind(new.summary.as_deref())
    .bind(&new.by)
    .bind(new.at.0)
    .bind(new.due.0)
    .execute(to)
    .await
    .map(drop)
}

fn read(row: &AnyRow) -> Result<CallbackRecord, sqlx::Error> {
    let state: String = row.try_get("state")?;
    let state = CallbackState::ALL
        .into_iter()
        .find(|one| one.name() == state)
        .ok_or_else(|| sqlx::Error::Decode("a callback has no such state".into()))?;
    let ended: Option<i64> = row.try_get("ended_at")?;
    Ok(CallbackRecord {
        id: row.try_get("id")?,
        session: row.try_get("session_id")?,
        profile: row.try_get("profile")?,
        language: row.try_get("language")?,
        contact: row.try_get("contact")?,
        name: row.try_get("name")?,
        number: row.try_get("number")?,
        reason: row.try_get("reason")?,
        summary: row.try_get("summary")?,
        by: row.try_get("asked_by")?,
        state,
        attempts: u32::try_from(row.try_get::<i64, _>("attempts")?).unwrap_or(0),
        created_at: Moment(row.try_get("created_at")?),
        due_at: Moment(row.try_get("due_at")?),
        ended_at: ended.map(Moment),
    })
}
