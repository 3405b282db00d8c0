//! More and more calls at once, all in conversation, until a thousandth of what is said is missed.

use std::time::{Duration, Instant};

use anyhow::Result;
use connectors_twilio_twin::Call;
use futures_util::future::try_join_all;
use tokio::time::{sleep, timeout};

use crate::{
    house::{House, PATIENCE},
    process, story,
};

/// How many at once; the first step at which too much is missed is the last one.
const STEPS: [usize; 9] = [1, 5, 10, 15, 20, 30, 40, 60, 80];

pub(crate) async fn measure(house: &House) -> Result<()> {
    let pid = house.pid()?;
    let before = process::resident_mib(pid)?;
    println!("memory with nobody on the line: {before:.1} MiB");
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
        let gaps: Vec<_> = calls.iter().zip(marks).flat_map(story::missed).collect();
        let missed: Duration = gaps.iter().sum();
        let memory = process::resident_mib(pid)?;
        println!(
            "{step} calls: {} gaps, {:.0} ms missed of {:.0} s, {:.2} % of a core each, {:.1} MiB, {:.2} MiB each",
            gaps.len(),
            missed.as_secs_f64() * 1_000.0,
            story::LASTS.as_secs_f64() * step as f64,
            100.0 * cpu / step as f64,
            memory,
            (memory - before) / step as f64
        );
        if missed > story::LASTS * step as u32 / 1_000 {
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
    house.say(call, story::WORDS).await?;
    let murmur = story::murmur(story::HUSH);
    for _ in 0..story::LASTS.as_secs() {
        call.say(&murmur);
        sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}
