//! Measures calls on the telephone: the whole server on the real LiveKit server, called by the twin of Twilio.
//!
//! This process plays Twilio, the callers and the providers, and holds the stopwatch; the server is the real program.
//! `../README.md` has the results.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark talks to whoever started it"
)]

mod bridge;
#[path = "../agent/ear.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod ear;
#[path = "../agent/figures.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod figures;
mod greetings;
mod guest;
mod house;
mod load;
mod plan;
#[path = "../room/process.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod process;
mod story;
mod visits;

use std::env;

use anyhow::Result;

use crate::plan::Plan;

#[tokio::main]
async fn main() -> Result<()> {
    // `cargo test` only wants to know that it builds.
    if env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    Plan::from_environment()?.carry_out().await
}
