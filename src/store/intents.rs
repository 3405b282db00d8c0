//! Intents: calls that somebody wanted placed. The row is there before the carrier is asked.

use std::time::Duration;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use tokio::time::{Instant, sleep};

use super::engine::{PATIENCE, PAUSE, passes};
use super::{Moment, Store, StoreError, settings};
use crate::dial::{CallSid, IntentId, IntentState, Policy, Progress, Refusal, Tally};

/// Open intents that are looked at in one round.
const MOST_OPEN: i64 = 200;

/// A call that somebody wants placed.
#[derive(Debug, Clone)]
pub struct NewIntent {
    /// Its id.
    pub id: IntentId,
    /// For which business.
    pub tenant: String,
    /// Who wants it: the name of an API key.
    pub caller: String,
    /// The `Idempotency-Key`, if there was one.
    pub key: Option<String>,
    /// What tells a repeated request from another one with the same key.
    pub request: String,
    /// The session that it belongs to.
    pub session: String,
    /// Whom to call, as much as is kept.
    pub to: Option<String>,
    /// Tells whether two numbers are the same.
    pub to_digest: String,
    /// Tells whether two numbers are of one range.
    pub range_digest: String,
    /// From which number of ours.
    pub from: String,
    /// When.
    pub at: Moment,
}

/// An intent as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntentRecord {
    /// Its id.
    pub id: IntentId,
    /// The session that it belongs to.
    pub session: String,
    /// What tells a repeated request from another one with the same key.
    pub request: String,
    /// Tells whether two numbers are the same.
    pub to_digest: String,
    /// From which number of ours.
    pub from: String,
    /// How far it has come.
    pub state: IntentState,
    /// Why it is over.
    pub reason: Option<String>,
    /// What the carrier calls it.
    pub call: Option<CallSid>,
    /// When it was wanted.
    pub created_at: Moment,
    /// When it was over.
    pub ended_at: Option<Moment>,
}

/// What a claim came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is written: the carrier may be asked, once.
    New,
    /// It was claimed before.
    Known(IntentRecord),
    /// It may not be placed. That is written as well.
    Refused(Refusal),
}

/// Which intent something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentRef {
    /// The one with this id.
    Id(IntentId),
    /// The one that became this call.
    Call(CallSid),
}

impl IntentRef {
    /// Returns the text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Id(id) => id.as_str(),
            Self::Call(call) => call.as_str(),
        }
    }

    const fn column(&self) -> &'static str {
        match self {
            Self::Id(_) => "id",
            Self::Call(_) => "call_sid",
        }
    }
}

const COLUMNS: &str = "SELECT id, session_id, request, to_digest, from_number, state, reason, call_sid, created_at, \
     ended_at FROM intents WHERE ";

/// Refused calls cost nothing and count for nothing.
const TALLY: &str = "SELECT \
     CAST(COALESCE(SUM(CASE WHEN ended_at IS NULL AND created_at >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS at_once, \
     CAST(COALESCE(SUM(CASE WHEN ended_at IS NULL AND created_at >= $2 AND tenant = $3 AND caller = $4 \
       THEN 1 ELSE 0 END), 0) AS BIGINT) AS at_once_of_key, \
     COUNT(*) AS today, \
     CAST(COALESCE(SUM(CASE WHEN tenant = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS today_of_tenant, \
     CAST(COALESCE(SUM(CASE WHEN tenant = $3 AND caller = $4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS today_of_key, \
     CAST(COALESCE(SUM(CASE WHEN to_digest = $5 THEN 1 ELSE 0 END), 0) AS BIGINT) AS today_to_number, \
     CAST(COALESCE(SUM(CASE WHEN range_digest = $6 THEN 1 ELSE 0 END), 0) AS BIGINT) AS today_to_range \
     FROM intents WHERE created_at >= $1 AND state <> 'refused'";

impl Store {
    /// May this call be placed? One claim is looked at after the other, on whichever node, so that caps hold, and of
    /// those with the same key only the first is new. Waits a while for a database that is locked.
    ///
    /// # Errors
    ///
    /// The database does not answer: the call must not be placed.
    pub async fn claim_intent(
        &self,
        new: &NewIntent,
        judge: impl Fn(&Tally) -> Result<(), Refusal>,
    ) -> Result<Claimed, StoreError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_claim(new, &judge).await {
                Err(failure) if passes(&failure) && Instant::now() < until => sleep(PAUSE).await,
                done => return Ok(done?),
            }
        }
    }

    async fn try_claim(
        &self,
        new: &NewIntent,
        judge: &impl Fn(&Tally) -> Result<(), Refusal>,
    ) -> Result<Claimed, sqlx::Error> {
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        let switched_off = settings::hold(&mut transaction, "dialling").await? != "on";
        if let Some(known) = with_key(&mut transaction, new).await? {
            return Ok(Claimed::Known(known));
        }
        let mut tally = tally(&mut transaction, new).await?;
        tally.switched_off = switched_off;
        let verdict = judge(&tally);
        insert(&mut transaction, new, verdict.as_ref().err()).await?;
        transaction.commit().await?;
        Ok(verdict.map_or_else(Claimed::Refused, |()| Claimed::New))
    }

    /// What is known of this intent?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn intent(&self, which: &IntentRef) -> Result<Option<IntentRecord>, StoreError> {
        let column = which.column();
        let row = sqlx::query(AssertSqlSafe(format!("{COLUMNS}{column} = $1")))
            .bind(which.as_str())
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| read(&row)).transpose()?)
    }

    /// Which intents are there of which nobody knows whether the call was placed, the oldest first?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn open_intents(&self) -> Result<Vec<IntentRecord>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "{COLUMNS}rank <= $1 AND ended_at IS NULL ORDER BY created_at, id LIMIT $2"
        )))
        .bind(IntentState::Unknown.rank())
        .bind(MOST_OPEN)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Which calls of a session may still be under way?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn live_calls_of(&self, session: &str) -> Result<Vec<CallSid>, StoreError> {
        // What became known until now counts.
        self.settled().await;
        let rows = sqlx::query(
            "SELECT call_sid FROM intents WHERE session_id = $1 AND ended_at IS NULL \
             AND call_sid IS NOT NULL ORDER BY created_at",
        )
        .bind(session)
        .fetch_all(self.readers())
        .await?;
        let sid = |row: &AnyRow| row.try_get::<String, _>(0).map(CallSid::new);
        Ok(rows.iter().map(sid).collect::<Result<_, _>>()?)
    }

    /// Which calls belong to intents that were wanted then or later?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn calls_of_intents(&self, since: Moment) -> Result<Vec<CallSid>, StoreError> {
        let rows = sqlx::query(
            "SELECT call_sid FROM intents WHERE created_at >= $1 AND call_sid IS NOT NULL",
        )
        .bind(since.0)
        .fetch_all(self.readers())
        .await?;
        let sid = |row: &AnyRow| row.try_get::<String, _>(0).map(CallSid::new);
        Ok(rows.iter().map(sid).collect::<Result<_, _>>()?)
    }
}

/// Forward only: news that come late or twice change nothing. The call's id is kept whenever it comes.
pub(super) async fn advance(
    to: &mut AnyConnection,
    which: &IntentRef,
    progress: &Progress,
    at: Moment,
) -> Result<(), sqlx::Error> {
    let (column, value) = (which.column(), which.as_str());
    if let Progress::Placed(call) = progress {
        sqlx::query(AssertSqlSafe(format!(
            "UPDATE intents SET call_sid = COALESCE(call_sid, $2), placed_at = COALESCE(placed_at, $3) \
             WHERE {column} = $1"
        )))
        .bind(value)
        .bind(call.as_str())
        .bind(at.0)
        .execute(&mut *to)
        .await?;
    }
    // A request that failed may be tried again with its key.
    let freed = matches!(progress, Progress::Refused { .. });
    sqlx::query(AssertSqlSafe(format!(
        "UPDATE intents SET state = $2, rank = $3, reason = $4, ended_at = $5, \
         answered_at = COALESCE(answered_at, $6), \
         idempotency_key = CASE WHEN $7 = 1 THEN NULL ELSE idempotency_key END \
         WHERE {column} = $1 AND (rank < $3 OR (rank = $3 AND ended_at IS NULL))"
    )))
    .bind(value)
    .bind(progress.state().name())
    .bind(progress.state().rank())
    .bind(progress.reason())
    .bind(progress.is_last().then_some(at.0))
    .bind(matches!(progress, Progress::Answered).then_some(at.0))
    .bind(i64::from(freed))
    .execute(to)
    .await
    .map(drop)
}

async fn with_key(
    from: &mut AnyConnection,
    new: &NewIntent,
) -> Result<Option<IntentRecord>, sqlx::Error> {
    let Some(key) = &new.key else {
        return Ok(None);
    };
    let row = sqlx::query(AssertSqlSafe(format!(
        "{COLUMNS}tenant = $1 AND caller = $2 AND idempotency_key = $3"
    )))
    .bind(&new.tenant)
    .bind(&new.caller)
    .bind(key)
    .fetch_optional(from)
    .await?;
    row.map(|row| read(&row)).transpose()
}

async fn tally(from: &mut AnyConnection, new: &NewIntent) -> Result<Tally, sqlx::Error> {
    let now = Duration::from_millis(u64::try_from(new.at.0).unwrap_or_default());
    let moment = |since: Duration| i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let row = sqlx::query(TALLY)
        .bind(moment(Policy::day_before(now)))
        .bind(moment(Policy::longest_ago(now)))
        .bind(&new.tenant)
        .bind(&new.caller)
        .bind(&new.to_digest)
        .bind(&new.range_digest)
        .fetch_one(from)
        .await?;
    let count = |column: &str| {
        row.try_get::<i64, _>(column)
            .map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    };
    Ok(Tally {
        switched_off: false,
        at_once: count("at_once")?,
        at_once_of_key: count("at_once_of_key")?,
        today: count("today")?,
        today_of_tenant: count("today_of_tenant")?,
        today_of_key: count("today_of_key")?,
        today_to_number: count("today_to_number")?,
        today_to_range: count("today_to_range")?,
    })
}

async fn insert(
    to: &mut AnyConnection,
    new: &NewIntent,
    refusal: Option<&Refusal>,
) -> Result<(), sqlx::Error> {
    let state = if refusal.is_some() {
        IntentState::Refused
    } else {
        IntentState::Pending
    };
    sqlx::query(
        "INSERT INTO intents (id, tenant, caller, idempotency_key, request, session_id, to_number, to_digest, \
         range_digest, from_number, state, rank, reason, created_at, ended_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(new.id.as_str())
    .bind(&new.tenant)
    .bind(&new.caller)
    // A request that was refused may be tried again with its key.
    .bind(new.key.as_deref().filter(|_| refusal.is_none()))
    .bind(&new.request)
    .bind(&new.session)
    .bind(new.to.as_deref())
    .bind(&new.to_digest)
    .bind(&new.range_digest)
    .bind(&new.from)
    .bind(state.name())
    .bind(state.rank())
    .bind(refusal.map(Refusal::name))
    .bind(new.at.0)
    .bind(refusal.map(|_| new.at.0))
    .execute(to)
    .await
    .map(drop)
}

fn read(row: &AnyRow) -> Result<IntentRecord, sqlx::Error> {
    Ok(IntentRecord {
        id: IntentId::known(row.try_get::<String, _>("id")?),
        session: row.try_get("session_id")?,
        request: row.try_get("request")?,
        to_digest: row.try_get("to_digest")?,
        from: row.try_get("from_number")?,
        state: IntentState::named(row.try_get("state")?),
        reason: row.try_get("reason")?,
        call: row
            .try_get::<Option<String>, _>("call_sid")?
            .map(CallSid::new),
        created_at: Moment(row.try_get("created_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Moment),
    })
}
