//! Times, and how they spread.

use std::time::Duration;

/// Measured times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time.as_secs_f64() * 1_000.0);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Returns them all less a delay that is not ours.
    pub(crate) fn less(&self, ms: f64) -> Self {
        Self(self.0.iter().map(|time| time - ms).collect())
    }

    /// Returns the median and the 95th percentile in ms, and of how many.
    pub(crate) fn shown(&self) -> String {
        format!(
            "{:.0} / {:.0} (n = {})",
            self.quantile(0.5),
            self.quantile(0.95),
            self.0.len()
        )
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted
            .get((last as f64 * share).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    }
}
