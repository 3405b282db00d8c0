//! More and more calls at once, all in conversation, until somebody misses a piece.

use std::time::{Duration, Instant};

use anyhow::Result;
use connectors_twilio_twin::{Call, What};
use futures_util::future::try_join_all;
use room_media::{Dbfs, SampleRate, tone::Tone};
use tokio::time::{sleep, timeout};

use crate::{
    house::{House, PATIENCE},
    process,
};

/// How many at once; the first step at which a piece is missed is the last one.
const STEPS: [usize; 9] = [1, 5, 10, 15, 20, 30, 40, 60, 80];

/// How long each step talks.
const TALK: Duration = Duration::from_secs(15);

/// About as long as that, at 60 ms a letter.
const STORY: &str = "Our house was built a hundred years ago by two brothers who had come from the sea, and it has \
     seven floors, forty rooms, and a garden with old apple trees. In the summer we serve breakfast under the trees, and \
     in the winter there is a fire in every room.";

pub(crate) async fn measure(house: &House) -> Result<()> {
    let pid = house.pid()?;
    let before = process::resident_kib(pid)?;
    println!("memory with nobody on the line: {:.1} MiB", mib(before));
    let mut calls = Vec::new();
    for step in STEPS {
        while calls.len() < step {
            calls.push(house.greeted().await?);
        }
        let marks: Vec<_> = calls.iter().map(|call| call.events().len()).collect();
        let (began, cpu) = (Instant::now(), process::cpu_seconds(pid)?);
        try_join_all(calls.iter().map(|call| talk(house, call))).await?;
        let took = began.elapsed().as_secs_f64();
        let cpu = (process::cpu_seconds(pid)? - cpu) / took;
        let gaps: Vec<_> = calls.iter().zip(marks).flat_map(gaps).collect();
        let missed: Duration = gaps.iter().sum();
        let memory = process::resident_kib(pid)?;
        println!(
            "{step} calls: {} gaps, {:.0} ms missed of {:.0} s, {:.2} % of a core each, {:.1} MiB, {:.2} MiB each",
            gaps.len(),
            missed.as_secs_f64() * 1_000.0,
            TALK.as_secs_f64() * step as f64,
            100.0 * cpu / step as f64,
            mib(memory),
            mib(memory.saturating_sub(before)) / step as f64
        );
        if !gaps.is_empty() {
            break;
        }
    }
    for call in &calls {
        call.hang_up();
    }
    for call in &calls {
        timeout(PATIENCE, call.ended()).await?;
    }
    Ok(())
}

/// The agent tells a story, and the caller says something now and then without falling in.
async fn talk(house: &House, call: &Call) -> Result<()> {
    house.say(call, STORY).await?;
    let murmur = Tone::new(SampleRate::HZ_8000, 200.0, Dbfs::new(-60.0)).take(8_000);
    for _ in 0..TALK.as_secs() {
        call.say(&murmur);
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

/// Returns how long the pieces were that a caller has missed since a mark.
fn gaps((call, since): (&Call, usize)) -> Vec<Duration> {
    let events = call.events().into_iter().skip(since);
    let gaps = events.filter_map(|event| match event.what {
        What::Gap { length } => Some(length),
        _ => None,
    });
    gaps.collect()
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1_024.0
}
