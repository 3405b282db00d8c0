//! Measures conversations with the agent on the real LiveKit server, by an ear in the room.
//!
//! This process starts the server, plays the callers and the providers and holds the stopwatch; the agents live in a
//! child process on a core of their own, so that what they cost can be told apart. `../README.md` has the results.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark talks to whoever started it"
)]

mod answers;
mod backstage;
mod caller;
mod ear;
mod figures;
mod floor;
mod interruptions;
mod load;
mod null;
mod pinning;
mod plan;
#[path = "../room/process.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod process;
mod remains;
mod stage;
mod troupe;
mod visits;
mod vowels;

use std::env;

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::{pinning::Side, plan::Plan, troupe::CHILD_ARGUMENT};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    match arguments.next().as_deref() {
        Some(CHILD_ARGUMENT) => {
            let cast = serde_json::from_str(&arguments.next().unwrap_or_default())?;
            pinning::stay_on(Side::System)?;
            Runtime::new()?.block_on(troupe::perform(cast))
        }
        // `cargo test` only wants to know that it builds.
        Some("--test") => Ok(()),
        Some(_) | None => {
            let plan = Plan::from_environment()?;
            pinning::stay_on(Side::Rest)?;
            Runtime::new()?.block_on(plan.carry_out())
        }
    }
}
