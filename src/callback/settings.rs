//! How people are called back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How people are called back: the table `[callbacks]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long after they asked, where they name no time, in ms.
    pub soon_ms: u32,
    /// How long after an attempt that failed the next one follows, in ms: one attempt more than there are pauses.
    pub retry_ms: Vec<u32>,
    /// How often it is looked who is due, in ms.
    pub look_ms: u32,
    /// How far ahead a callback may be, in days.
    pub horizon_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            soon_ms: 300_000,
            retry_ms: vec![600_000, 3_600_000],
            look_ms: 5_000,
            horizon_days: 30,
        }
    }
}

impl Settings {
    pub(super) fn soon(&self) -> Duration {
        Duration::from_millis(self.soon_ms.into())
    }

    /// Returns the pause after so many attempts; `None` when there was the last one.
    pub(super) fn pause_after(&self, attempts: u32) -> Option<Duration> {
        let before = usize::try_from(attempts.max(1) - 1).ok()?;
        let pause = self.retry_ms.get(before)?;
        Some(Duration::from_millis((*pause).into()))
    }

    pub(super) fn look(&self) -> Duration {
        // Never in a spin.
        Duration::from_millis(self.look_ms.max(10).into())
    }

    pub(super) fn horizon(&self) -> Duration {
        Duration::from_secs(u64::from(self.horizon_days) * 24 * 3600)
    }
}
