//! Which core who runs on: what is measured on one, everything else on the others.

use std::thread;

use anyhow::Result;
use nix::{
    sched::{CpuSet, sched_setaffinity},
    unistd::Pid,
};

/// The two sides of a measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The agents: the first core.
    System,
    /// The server, the providers and the callers: all others.
    Rest,
}

/// Keeps this thread, and what it starts from here on, on its side; a machine with one core has no sides.
pub(crate) fn stay_on(side: Side) -> Result<()> {
    // The parent may have been kept on its side already, so that the count of cores is no help to the child.
    let cores = match side {
        Side::System => 0..1,
        Side::Rest => 1..thread::available_parallelism()?.get(),
    };
    if cores.is_empty() {
        return Ok(());
    }
    let mut set = CpuSet::new();
    for core in cores {
        set.set(core)?;
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}
