//! Calls upon calls: connected, greeted, hung up; and what is left of them in the server.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use connectors_twilio_twin::What;
use futures_util::{StreamExt, stream};
use room_contract::Rooms;
use tokio::time::{sleep, timeout};

use crate::{
    house::{House, PATIENCE},
    process,
};

/// Calls at once.
const AT_ONCE: usize = 10;
/// No call is begun any more after so long.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// For the last ends, and for connections to providers that are kept when idle.
const SETTLING: Duration = Duration::from_secs(100);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// What a server holds.
#[derive(Debug, Clone, Copy)]
struct Holdings {
    files: usize,
    threads: usize,
    resident_mib: f64,
    rooms: usize,
}

pub(crate) async fn measure(house: &House, calls: usize) -> Result<()> {
    let warming = calls / 10;
    let failed = call_all(house, warming).await;
    let before = settle(house, None).await?;
    println!("after {warming} calls, {} failed: {before}", failed.failed);
    let began = Instant::now();
    let made = call_all(house, calls).await;
    let took = began.elapsed().as_secs_f64();
    let after = settle(house, Some(before)).await?;
    println!(
        "after {} more in {took:.0} s, {} failed: {after}, {:.2} KiB each",
        made.made,
        made.failed,
        (after.resident_mib - before.resident_mib) * 1_024.0 / made.made.max(1) as f64,
    );
    Ok(())
}

/// How many calls there were.
#[derive(Debug, Clone, Copy, Default)]
struct Made {
    made: usize,
    failed: usize,
}

async fn call_all(house: &House, calls: usize) -> Made {
    let began = Instant::now();
    let visits = (0..calls).map(async |_| {
        if began.elapsed() > LONGEST {
            return None;
        }
        let visited = visit(house).await;
        Some(
            visited
                .inspect_err(|error| println!("a visit failed: {error:#}"))
                .is_err(),
        )
    });
    let visits = stream::iter(visits).buffer_unordered(AT_ONCE);
    visits
        .fold(Made::default(), async |made, failed| Made {
            made: made.made + usize::from(failed.is_some()),
            failed: made.failed + usize::from(failed == Some(true)),
        })
        .await
}

/// Calls, is greeted, and hangs up.
async fn visit(house: &House) -> Result<()> {
    let call = house.call()?;
    let spoke = |what: &What| matches!(what, What::StreamSpoke { .. });
    let greeted = timeout(PATIENCE, call.event(spoke)).await;
    call.hang_up();
    timeout(PATIENCE, call.ended()).await?;
    greeted
        .context("nobody greets")?
        .context("the call ended")?;
    Ok(())
}

/// Counts once no more is held than `before`, or after long enough.
async fn settle(house: &House, before: Option<Holdings>) -> Result<Holdings> {
    let began = Instant::now();
    loop {
        let now = Holdings::count(house).await?;
        let is_settled = match before {
            Some(before) => now.files <= before.files && now.threads <= before.threads,
            None => began.elapsed() >= SETTLING / 10,
        };
        if (is_settled && now.rooms == 0) || began.elapsed() >= SETTLING {
            return Ok(now);
        }
        sleep(LOOK_AGAIN).await;
    }
}

impl Holdings {
    async fn count(house: &House) -> Result<Self> {
        let pid = house.pid()?;
        Ok(Self {
            files: fs::read_dir(format!("/proc/{pid}/fd"))?.count(),
            threads: fs::read_dir(format!("/proc/{pid}/task"))?.count(),
            resident_mib: process::resident_mib(pid)?,
            rooms: house.rooms()?.list().await?.len(),
        })
    }
}

impl std::fmt::Display for Holdings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            files,
            threads,
            resident_mib,
            rooms,
        } = self;
        write!(
            f,
            "{files} files, {threads} threads, {rooms} rooms, {resident_mib:.1} MiB"
        )
    }
}
