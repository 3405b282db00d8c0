//! Measures how humans are brought in: the whole server on the real LiveKit server, with the twin of Twilio for all
//! telephones.
//!
//! This process plays Twilio, the people and the providers, and holds the stopwatch; the server is the real program.
//! `../README.md` says what is measured.

#![expect(
    clippy::print_stdout,
    reason = "a benchmark talks to whoever started it"
)]

mod conferences;
mod dialling;
#[path = "../agent/ear.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod ear;
#[path = "../agent/figures.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod figures;
#[path = "../phone/guest.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod guest;
#[path = "../phone/house.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod house;
mod people;
#[path = "../room/process.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod process;
#[path = "../phone/story.rs"]
mod story;

use std::env;

use anyhow::Result;

use crate::house::{Connects, House};
use crate::people::CONFIGURATION;

/// Escalations one after the other.
const ESCALATIONS: usize = 20;

#[tokio::main]
async fn main() -> Result<()> {
    let parts: Vec<String> = env::args().skip(1).collect();
    // `cargo test` only wants to know that it builds.
    if parts.iter().any(|part| part == "--test") {
        return Ok(());
    }
    let named = ["dialling", "accepting", "conferences", "humming"];
    let some = parts.iter().any(|part| named.contains(&part.as_str()));
    let is_wanted = |name: &str| !some || parts.iter().any(|part| part == name);
    println!("load {}, {}", process::load()?, process::processor()?);
    let house = House::open_with(Connects::AtOnce, CONFIGURATION).await?;
    if is_wanted("dialling") {
        let times = dialling::both_dialled(&house, ESCALATIONS).await?;
        println!("request → both telephones dialled: {}", shown(&times));
    }
    if is_wanted("accepting") {
        let times = dialling::connected(&house, ESCALATIONS).await?;
        println!(
            "key 1 → the caller's sound at the contact: {}",
            shown(&times)
        );
    }
    if is_wanted("conferences") {
        conferences::measure(&house, story::HUSH).await?;
    }
    if is_wanted("humming") {
        conferences::measure(&house, conferences::HUM).await?;
    }
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
