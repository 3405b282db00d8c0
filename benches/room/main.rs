//! Measures rooms on the real LiveKit server: ours beside stock libwebrtc, in one run.
//!
//! This process starts the server and tells child processes what to do, one after the other, so
//! that their processor time and memory can be told apart. `../README.md` has the results.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark talks to whoever started it"
)]

mod child;
mod ours;
mod plan;
mod process;
mod report;
mod server;
mod signal;
mod task;

use std::env;

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::{child::CHILD_ARGUMENT, plan::Plan};

fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some(CHILD_ARGUMENT) => {
            let task = serde_json::from_str(&arguments.next().unwrap_or_default())?;
            runtime.block_on(ours::perform(task))
        }
        // `cargo test` only wants to know that it builds.
        Some("--test") => Ok(()),
        Some(_) | None => runtime.block_on(Plan::from_environment()?.carry_out()),
    }
}
