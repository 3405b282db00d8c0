//! What the kernel knows about processes.

use std::fs;

use anyhow::{Context, Result};

/// Linux counts processor time in hundredths of a second, on every architecture in use.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the processor seconds that a process has used.
pub(crate) fn cpu_seconds(pid: u32) -> Result<f64> {
    seconds_in(&format!("/proc/{pid}/stat"))
}

/// Returns the processor seconds of a process's first thread.
pub(crate) fn main_thread_seconds(pid: u32) -> Result<f64> {
    seconds_in(&format!("/proc/{pid}/task/{pid}/stat"))
}

/// Returns a process's resident memory in MiB.
pub(crate) fn resident_mib(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let value = line.and_then(|line| line.split_whitespace().nth(1));
    let kib: u32 = value.context("a process without memory")?.parse()?;
    Ok(f64::from(kib) / 1_024.0)
}

/// Returns how many processes wanted a processor lately, so that readers can judge the figures.
pub(crate) fn load() -> Result<String> {
    let load = fs::read_to_string("/proc/loadavg")?;
    Ok(load
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned())
}

/// Returns the processor's name.
pub(crate) fn processor() -> Result<String> {
    let info = fs::read_to_string("/proc/cpuinfo")?;
    let line = info.lines().find(|line| line.starts_with("model name"));
    let name = line
        .and_then(|line| line.split(": ").nth(1))
        .unwrap_or("unknown processor");
    let cores = info
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    Ok(format!("{cores} × {name}"))
}

fn seconds_in(path: &str) -> Result<f64> {
    let stat = fs::read_to_string(path)?;
    // The name stands in parentheses and may contain anything, spaces and parentheses included.
    let (_, fields) = stat.rsplit_once(')').context("a process without a name")?;
    let field = |index: usize| -> Result<f64> {
        let text = fields.split_whitespace().nth(index);
        Ok(text.context("a process without times")?.parse()?)
    };
    Ok((field(11)? + field(12)?) / TICKS_PER_SECOND)
}
