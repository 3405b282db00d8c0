//! Times, and how they spread.

use std::time::{Duration, Instant};

/// Measured times in ms.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1_000.0);
    }

    /// Adds the time between two moments, which is negative when they come the other way round.
    pub(crate) fn add_between(&mut self, from: Instant, to: Instant) {
        let ahead = to.saturating_duration_since(from).as_secs_f64();
        let behind = from.saturating_duration_since(to).as_secs_f64();
        self.0.push((ahead - behind) * 1_000.0);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Returns them all less a delay that is not ours.
    pub(crate) fn less(&self, ms: f64) -> Self {
        Self(self.0.iter().map(|time| time - ms).collect())
    }

    /// Returns each less the one of the same turn in `other`.
    pub(crate) fn less_each(&self, other: &Self) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(time, other)| time - other).collect())
    }

    /// Returns the value that this share of the times does not exceed.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }

    /// Returns the median and the 95th percentile.
    pub(crate) fn shown(&self) -> String {
        format!("{:.1} / {:.1}", self.quantile(0.5), self.quantile(0.95))
    }

    /// Returns the least and the most.
    pub(crate) fn range(&self) -> String {
        format!("{:.0}–{:.0}", self.quantile(0.0), self.quantile(1.0))
    }
}
