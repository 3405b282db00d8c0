//! What a process holds, to see whether sessions leave anything behind.

use std::{fs, time::Duration};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio::{runtime::Handle, time::sleep};

use crate::process;

/// What ends with a session may take so long: idle connections to providers are kept for a minute and a half.
const SETTLING: Duration = Duration::from_secs(100);
/// Before there is something to compare with.
const BREATH: Duration = Duration::from_secs(5);
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// What a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Remains {
    pub(crate) files: usize,
    pub(crate) threads: usize,
    pub(crate) tasks: usize,
    pub(crate) resident_mib: f64,
}

impl Remains {
    /// Counts what this process holds.
    pub(crate) fn count() -> Result<Self> {
        Ok(Self {
            files: fs::read_dir("/proc/self/fd")?.count(),
            threads: fs::read_dir("/proc/self/task")?.count(),
            tasks: Handle::current().metrics().num_alive_tasks(),
            resident_mib: process::resident_mib(std::process::id())?,
        })
    }

    /// Counts once it holds no more than `before`, or has had the time to let go.
    pub(crate) async fn settle(before: Option<Self>) -> Result<Self> {
        let patience = if before.is_some() { SETTLING } else { BREATH };
        let mut waited = Duration::ZERO;
        loop {
            let now = Self::count()?;
            let is_settled = before.is_some_and(|before| {
                now.files <= before.files
                    && now.threads <= before.threads
                    && now.tasks <= before.tasks
            });
            if is_settled || waited >= patience {
                return Ok(now);
            }
            sleep(LOOK_AGAIN).await;
            waited += LOOK_AGAIN;
        }
    }

    pub(crate) fn shown(&self) -> String {
        format!(
            "{} / {} / {} | {:.1}",
            self.files, self.threads, self.tasks, self.resident_mib
        )
    }
}
