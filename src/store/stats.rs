//! Figures over many calls.

use std::collections::BTreeMap;

use sqlx::Row;

use super::{Moment, Store, StoreError};

/// Turns that latency is taken of: the latest, so that the answer stays quick.
const TURNS: i64 = 20_000;

/// From when to when.
#[derive(Debug, Clone, Copy)]
pub struct Period {
    /// Then or later.
    pub from: Moment,
    /// Before.
    pub to: Moment,
}

/// What the calls of a period amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// How many began.
    pub total: u64,
    /// How many of them are under way.
    pub live: u64,
    /// How many of them somebody answered.
    pub answered: u64,
    /// How many came in by phone, and how many went out.
    pub by_direction: BTreeMap<String, u64>,
    /// How many of each channel.
    pub by_channel: BTreeMap<String, u64>,
    /// How many ended for each reason.
    pub by_reason: BTreeMap<String, u64>,
    /// How long those that ended lasted, all together, in milliseconds.
    pub lasted_ms: u64,
    /// How long callers waited for answers; nothing when there was no turn.
    pub latency: Option<Latency>,
}

/// The latency of many turns, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// How many turns.
    pub turns: usize,
    /// Half of them took no longer.
    pub p50: u64,
    /// 95 of 100 took no longer.
    pub p95: u64,
}

impl Latency {
    /// Takes the figures of these turns.
    #[must_use]
    pub fn of(mut took_ms: Vec<u64>) -> Option<Self> {
        took_ms.sort_unstable();
        let at = |share: usize| took_ms.get((took_ms.len() * share).div_ceil(100).max(1) - 1);
        Some(Self {
            turns: took_ms.len(),
            p50: *at(50)?,
            p95: *at(95)?,
        })
    }
}

impl Store {
    /// What do the calls of a period amount to?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn stats(&self, period: Period) -> Result<Stats, StoreError> {
        let mut stats = Stats::default();
        let groups = sqlx::query(
            "SELECT channel, reason, direction, COUNT(*) AS calls, COUNT(answered_at) AS answered, \
             CAST(COALESCE(SUM(ended_at - created_at), 0) AS BIGINT) AS lasted \
             FROM calls WHERE created_at >= $1 AND created_at < $2 GROUP BY channel, reason, direction",
        )
        .bind(period.from.0)
        .bind(period.to.0)
        .fetch_all(self.readers())
        .await?;
        for group in groups {
            let figure = |name: &str| {
                let figure = group.try_get::<i64, _>(name);
                figure.map(|figure| u64::try_from(figure).unwrap_or_default())
            };
            let calls = figure("calls")?;
            stats.total += calls;
            stats.answered += figure("answered")?;
            stats.lasted_ms += figure("lasted")?;
            *stats
                .by_channel
                .entry(group.try_get("channel")?)
                .or_default() += calls;
            if let Some(direction) = group.try_get("direction")? {
                *stats.by_direction.entry(direction).or_default() += calls;
            }
            match group.try_get::<Option<String>, _>("reason")? {
                Some(reason) => *stats.by_reason.entry(reason).or_default() += calls,
                None => stats.live += calls,
            }
        }
        stats.latency = self.latency(period).await?;
        Ok(stats)
    }

    async fn latency(&self, period: Period) -> Result<Option<Latency>, StoreError> {
        let turns = sqlx::query(
            "SELECT took_ms FROM call_events WHERE kind = 'turn' AND at >= $1 AND at < $2 \
             AND took_ms IS NOT NULL ORDER BY at DESC LIMIT $3",
        )
        .bind(period.from.0)
        .bind(period.to.0)
        .bind(TURNS)
        .fetch_all(self.readers())
        .await?;
        let took_ms = turns
            .iter()
            .map(|turn| Ok(u64::try_from(turn.try_get::<i64, _>(0)?).unwrap_or_default()))
            .collect::<Result<_, sqlx::Error>>()?;
        Ok(Latency::of(took_ms))
    }
}
