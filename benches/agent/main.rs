//! Measures conversations with the agent on the real LiveKit server, by an ear in the room.
//!
//! This process starts the server, plays the callers and holds the stopwatch; the agents live in a child process, so
//! that their processor time and memory can be told apart. `../README.md` has the results.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark talks to whoever started it"
)]

mod caller;
mod figures;
mod plan;
#[path = "../room/process.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod process;
mod ruler;
mod stage;
mod troupe;

use std::env;

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::{plan::Plan, troupe::CHILD_ARGUMENT};

fn main() -> Result<()> {
    let runtime = Runtime::new()?;
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some(CHILD_ARGUMENT) => {
            let cast = serde_json::from_str(&arguments.next().unwrap_or_default())?;
            runtime.block_on(troupe::perform(cast))
        }
        // `cargo test` only wants to know that it builds.
        Some("--test") => Ok(()),
        Some(_) | None => runtime.block_on(Plan::from_environment()?.carry_out()),
    }
}
