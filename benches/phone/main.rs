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
#[path = "../room/process.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod process;

use std::env;

use anyhow::Result;

use crate::house::{Connects, House};

/// Calls one after the other.
const CALLS: usize = 40;
/// Sounds each way.
const SOUNDS: usize = 100;

#[tokio::main]
async fn main() -> Result<()> {
    // `cargo test` only wants to know that it builds.
    if env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    println!("load {}, {}", process::load()?, process::processor()?);
    let house = House::open(Connects::InTime).await?;
    let greetings = greetings::measure(&house, CALLS).await?;
    println!("webhook → TwiML: {}", shown(&greetings.webhook));
    println!(
        "media start → first greeting audio: {}",
        shown(&greetings.audio)
    );
    house.close().await;

    let house = House::open(Connects::AtOnce).await?;
    let greetings = greetings::measure(&house, CALLS).await?;
    println!(
        "connected at once, TwiML → media start: {}",
        shown(&greetings.start)
    );
    println!(
        "connected at once, media start → first greeting audio: {}",
        shown(&greetings.audio)
    );
    let bridge = bridge::measure(&house, SOUNDS).await?;
    println!("caller → room: {}", shown(&bridge.into_the_room));
    println!("room → caller: {}", shown(&bridge.out_of_it));
    load::measure(&house).await?;

    println!("load {}", process::load()?);
    house.close().await;
    Ok(())
}

fn shown(times: &figures::Times) -> String {
    format!(
        "p50 / p95 {} ({}) ms, n = {}",
        times.shown(),
        times.range(),
        times.count()
    )
}
