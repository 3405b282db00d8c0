//! What this process uses of the machine, read from `/proc`.

use std::{fs, time::Duration};

use anyhow::{Context, Result};

/// A snapshot of what the process holds.
#[derive(Debug, Clone)]
pub(crate) struct Usage {
    /// Open files, sockets included.
    pub(crate) descriptors: usize,
    pub(crate) sockets: usize,
    /// Names of threads.
    pub(crate) threads: Vec<String>,
    /// Resident memory in KiB.
    pub(crate) memory: u64,
    /// Tasks of the runtime that asks.
    pub(crate) tasks: usize,
    /// Processor time so far.
    pub(crate) processor: Duration,
}

/// The kernel counts processor time in hundredths of a second on every platform we run on.
const TICKS_PER_SECOND: u64 = 100;

impl Usage {
    /// Looks at the process.
    pub(crate) fn now() -> Result<Self> {
        let (descriptors, sockets) = open_files()?;
        Ok(Self {
            descriptors,
            sockets,
            threads: threads()?,
            memory: resident()?,
            tasks: tokio::runtime::Handle::current()
                .metrics()
                .num_alive_tasks(),
            processor: processor_time("self")?,
        })
    }

    /// Returns whether everything that can be counted is as few as in `other`, or fewer.
    pub(crate) fn holds_no_more_than(&self, other: &Self) -> bool {
        self.descriptors <= other.descriptors
            && self.sockets <= other.sockets
            && self.threads.len() <= other.threads.len()
            && self.tasks <= other.tasks
    }
}

/// Returns the processor time that a process has used, all threads together.
pub(crate) fn processor_time(process: &str) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field, a name in brackets, may hold anything.
    let (_, fields) = stat.rsplit_once(')').context("no process name in stat")?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

fn open_files() -> Result<(usize, usize)> {
    let links = fs::read_dir("/proc/self/fd")?
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .collect::<Vec<_>>();
    let is_socket = |link: &&std::path::PathBuf| link.to_string_lossy().starts_with("socket:");
    Ok((links.len(), links.iter().filter(is_socket).count()))
}

fn threads() -> Result<Vec<String>> {
    let folders = fs::read_dir("/proc/self/task")?;
    let name = |folder: fs::DirEntry| fs::read_to_string(folder.path().join("comm")).ok();
    // One that has ended meanwhile has no name.
    let names = folders.filter_map(|folder| name(folder.ok()?));
    let mut names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let value = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(value.context("no VmRSS in status")?.parse()?)
}
