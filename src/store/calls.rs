//! Calls: one row for each session there ever was.

use std::time::{Duration, SystemTime};

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use tokio::time::{Instant, sleep};

use super::engine::{PATIENCE, PAUSE, passes};
use super::{Moment, Store, StoreError, nodes};
use crate::sessions::{CallId, Channel, EndReason, Status};

/// A call that begins.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Its id.
    pub id: CallId,
    /// The id of its session.
    pub session: String,
    /// Where it began.
    pub channel: Channel,
    /// Its room.
    pub room: String,
    /// The agent's profile.
    pub profile: Option<String>,
    /// Whether an agent takes part: `wanted` or `unwanted`.
    pub agent: &'static str,
    /// Free text of the room.
    pub metadata: String,
    /// When it began.
    pub at: SystemTime,
}

/// A call as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Its id.
    pub id: CallId,
    /// The id of its session; sessions of a room that is used again share one.
    pub session: String,
    /// Where it began, in the words of [`Channel::name`].
    pub channel: String,
    /// Its room.
    pub room: String,
    /// The agent's profile.
    pub profile: Option<String>,
    /// Whether an agent takes part: `wanted` or `unwanted`.
    pub agent: String,
    /// Free text of the room.
    pub metadata: String,
    /// Where it stands, in the words of [`Status::name`].
    pub status: String,
    /// Why it is over, in the words of [`EndReason::name`].
    pub reason: Option<String>,
    /// When it began.
    pub created_at: Moment,
    /// When somebody was there.
    pub answered_at: Option<Moment>,
    /// When it was over.
    pub ended_at: Option<Moment>,
    /// What is known of its phone line, if it has one.
    pub line: Option<LineRecord>,
}

/// The phone line of a call as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRecord {
    /// Who called, in the words of [`Direction::name`](super::Direction::name).
    pub direction: String,
    /// Whose number it came from, as much as is kept.
    pub from: Option<String>,
    /// Which number it went to, as much as is kept.
    pub to: Option<String>,
    /// What the carrier calls it.
    pub call_sid: Option<String>,
    /// Who or what picked up, in the carrier's words.
    pub answered_by: Option<String>,
    /// Why the line is down, in the carrier's words.
    pub reason: Option<String>,
    /// How long it was up, as the carrier counts.
    pub seconds: Option<i64>,
}

/// Which calls to list.
#[derive(Debug, Clone, Default)]
pub struct CallFilter {
    /// Only of this channel.
    pub channel: Option<String>,
    /// Only in this state.
    pub status: Option<String>,
    /// Only with this profile.
    pub profile: Option<String>,
    /// Only those that began then or later.
    pub from: Option<Moment>,
    /// Only those that began before.
    pub to: Option<Moment>,
    /// Only those that ended for this reason.
    pub reason: Option<String>,
    /// Only those of this direction.
    pub direction: Option<String>,
    /// Only those from or to this number, as [`Number::digest`](crate::dial::Number::digest) tells.
    pub number: Option<String>,
}

/// Where a page begins: below this call, the newest being on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// When it began.
    pub at: Moment,
    /// Its id.
    pub id: String,
}

/// Some of the calls, the newest first.
#[derive(Debug, Clone)]
pub struct CallPage {
    /// The calls.
    pub calls: Vec<CallRecord>,
    /// Where the next page begins, if there is one.
    pub next: Option<Position>,
}

const COLUMNS: &str = "id, session_id, channel, room, profile, agent, metadata, status, reason, created_at, \
     answered_at, ended_at, direction, from_number, to_number, call_sid, answered_by, line_reason, line_seconds";

const ONE: &str =
    "WHERE id = $1 OR session_id = $1 OR call_sid = $1 ORDER BY created_at DESC, id DESC LIMIT 1";

const LIVE: &str = "WHERE ended_at IS NULL AND node = $1 ORDER BY created_at, id";

const PAGE: &str = "WHERE (CAST($1 AS TEXT) IS NULL OR channel = $1) \
     AND (CAST($2 AS TEXT) IS NULL OR status = $2) \
     AND (CAST($3 AS TEXT) IS NULL OR profile = $3) \
     AND (CAST($4 AS TEXT) IS NULL OR reason = $4) \
     AND (CAST($5 AS TEXT) IS NULL OR direction = $5) \
     AND (CAST($6 AS TEXT) IS NULL OR from_digest = $6 OR to_digest = $6) \
     AND created_at >= $7 AND created_at < $8 \
     AND (created_at < $9 OR (created_at = $9 AND id < $10)) \
     ORDER BY created_at DESC, id DESC LIMIT $11";

impl Store {
    /// Which call has this id, or the carrier's, or is the latest of the session with this id?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn call(&self, id: &str) -> Result<Option<CallRecord>, StoreError> {
        let row = sqlx::query(select(ONE))
            .bind(id)
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| read(&row)).transpose()?)
    }

    /// Which calls were live when this node was last seen, or when another one was that is gone? They are its own from
    /// here on, and nobody else gets them. Waits a while for a database that is locked.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn unended_calls(&self) -> Result<Vec<CallRecord>, StoreError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.take_over().await {
                Err(failure) if passes(&failure) && Instant::now() < until => sleep(PAUSE).await,
                done => return Ok(done?),
            }
        }
    }

    /// Which live calls do nodes look after that have not been seen for `silent`? They are this node's own from here on, and
    /// nobody else gets them. Of one session, if it is named.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn calls_adrift(
        &self,
        silent: Duration,
        session: Option<&str>,
    ) -> Result<Vec<CallRecord>, StoreError> {
        if !self.is_shared() {
            return Ok(Vec::new());
        }
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        nodes::show_up(&mut transaction, self.node()).await?;
        let rows = sqlx::query(AssertSqlSafe(format!("{} {COLUMNS}", nodes::TAKE_ADRIFT)))
            .bind(self.node())
            .bind(nodes::since(silent))
            .bind(session)
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Which of these calls does another node look after?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn calls_elsewhere(&self, calls: &[CallId]) -> Result<Vec<CallId>, StoreError> {
        let mut elsewhere = Vec::new();
        if !self.is_shared() {
            return Ok(elsewhere);
        }
        for calls in calls.chunks(nodes::MOST_ASKED) {
            let mut query =
                sqlx::query(AssertSqlSafe(nodes::elsewhere(calls.len()))).bind(self.node());
            for call in calls {
                query = query.bind(call.as_str());
            }
            for row in query.fetch_all(self.readers()).await? {
                elsewhere.push(CallId::from_store(row.try_get(0)?));
            }
        }
        Ok(elsewhere)
    }

    /// Does another node have a live call in this room?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn is_used_elsewhere(&self, room: &str) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM calls WHERE ended_at IS NULL AND room = $1 AND node <> $2 LIMIT 1",
        )
        .bind(room)
        .bind(self.node())
        .fetch_optional(self.readers())
        .await?;
        Ok(found.is_some())
    }

    async fn take_over(&self) -> Result<Vec<CallRecord>, sqlx::Error> {
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        nodes::take_over(&mut transaction, self.node()).await?;
        let rows = sqlx::query(select(LIVE))
            .bind(self.node())
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        rows.iter().map(read).collect()
    }

    /// Which calls were there, the newest first?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn calls(
        &self,
        filter: &CallFilter,
        after: Option<&Position>,
        most: u32,
    ) -> Result<CallPage, StoreError> {
        let rows = sqlx::query(select(PAGE))
            .bind(filter.channel.as_deref())
            .bind(filter.status.as_deref())
            .bind(filter.profile.as_deref())
            .bind(filter.reason.as_deref())
            .bind(filter.direction.as_deref())
            .bind(filter.number.as_deref())
            .bind(filter.from.map_or(i64::MIN, |from| from.0))
            .bind(filter.to.map_or(i64::MAX, |to| to.0))
            .bind(after.map_or(i64::MAX, |after| after.at.0))
            .bind(after.map_or("", |after| after.id.as_str()))
            .bind(i64::from(most) + 1)
            .fetch_all(self.readers())
            .await?;
        let mut calls = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let more = calls.len() > most as usize;
        calls.truncate(most as usize);
        let next = calls.last().filter(|_| more).map(|last| Position {
            at: last.created_at,
            id: last.id.to_string(),
        });
        Ok(CallPage { calls, next })
    }
}

/// Both halves are constants.
fn select(which: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!("SELECT {COLUMNS} FROM calls {which}"))
}

pub(super) async fn begin(
    to: &mut AnyConnection,
    call: &NewCall,
    node: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO calls (id, session_id, channel, room, profile, agent, metadata, status, created_at, node) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING",
    )
    .bind(call.id.as_str())
    .bind(&call.session)
    .bind(call.channel.name())
    .bind(&call.room)
    .bind(call.profile.as_deref())
    .bind(call.agent)
    .bind(&call.metadata)
    .bind(Status::Created.name())
    .bind(Moment::from(call.at).0)
    .bind(node)
    .execute(to)
    .await
    .map(drop)
}

/// Forward only: what is over stays over. What another node has taken over is that one's to tell.
pub(super) async fn advance(
    to: &mut AnyConnection,
    call: &CallId,
    (status, at): (Status, Moment),
    node: &str,
) -> Result<(), sqlx::Error> {
    let (reason, ended) = match status {
        Status::Ended(reason) => (Some(EndReason::name(reason)), Some(at.0)),
        Status::Created | Status::Ringing | Status::Active | Status::Escalating => (None, None),
    };
    let answered = matches!(status, Status::Active).then_some(at.0);
    sqlx::query(
        "UPDATE calls SET status = $2, reason = $3, ended_at = $4, \
         answered_at = COALESCE(answered_at, $5) WHERE id = $1 AND ended_at IS NULL \
         AND (node IS NULL OR node = $6)",
    )
    .bind(call.as_str())
    .bind(status.name())
    .bind(reason)
    .bind(ended)
    .bind(answered)
    .bind(node)
    .execute(to)
    .await
    .map(drop)
}

pub(super) async fn cast(
    to: &mut AnyConnection,
    call: &CallId,
    profile: Option<&str>,
    agent: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE calls SET profile = COALESCE($2, profile), agent = $3 WHERE id = $1")
        .bind(call.as_str())
        .bind(profile)
        .bind(agent)
        .execute(to)
        .await
        .map(drop)
}

fn read(row: &AnyRow) -> Result<CallRecord, sqlx::Error> {
    Ok(CallRecord {
        id: CallId::from_store(row.try_get("id")?),
        session: row.try_get("session_id")?,
        channel: row.try_get("channel")?,
        room: row.try_get("room")?,
        profile: row.try_get("profile")?,
        agent: row.try_get("agent")?,
        metadata: row.try_get("metadata")?,
        status: row.try_get("status")?,
        reason: row.try_get("reason")?,
        created_at: Moment(row.try_get("created_at")?),
        answered_at: row.try_get::<Option<i64>, _>("answered_at")?.map(Moment),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Moment),
        line: read_line(row)?,
    })
}

fn read_line(row: &AnyRow) -> Result<Option<LineRecord>, sqlx::Error> {
    let Some(direction) = row.try_get("direction")? else {
        return Ok(None);
    };
    Ok(Some(LineRecord {
        direction,
        from: row.try_get("from_number")?,
        to: row.try_get("to_number")?,
        call_sid: row.try_get("call_sid")?,
        answered_by: row.try_get("answered_by")?,
        reason: row.try_get("line_reason")?,
        seconds: row.try_get("line_seconds")?,
    }))
}
