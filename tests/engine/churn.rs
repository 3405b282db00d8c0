//! Promise 16, first half: whoever leaves leaves nothing behind.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use crate::support::{Usage, Venue, figure};

const CYCLES: usize = 500;
/// Until runtimes, pools and allocators have what they keep.
const WARM_UP: usize = 50;
/// What an allocator may keep scattered; 500 lost connections would be hundreds of times more.
const MEMORY_SLACK: u64 = 16 * 1024;
/// Runtimes keep threads that wait for work for ten seconds.
const QUIET: Duration = Duration::from_secs(11);
/// How long the last connections may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_joins_and_leaves_leave_nothing_behind() -> Result<()> {
    let venue = Venue::open_alone().await?;
    for _ in 0..WARM_UP {
        come_and_go(&venue).await?;
    }
    let before = settled().await?;

    for _ in 0..CYCLES {
        come_and_go(&venue).await?;
    }
    let after = settled().await?;

    figure("before 500 joins", format!("{before:?}"));
    figure("after 500 joins", format!("{after:?}"));
    assert!(after.holds_no_more_than(&before), "{before:?} {after:?}");
    assert!(
        after.memory <= before.memory + MEMORY_SLACK,
        "{before:?} {after:?}"
    );
    Ok(())
}

async fn come_and_go(venue: &Venue) -> Result<()> {
    let guest = venue.guest("guest").await?;
    let voice = guest.speak(440.0).await?;
    drop(voice);
    guest.leave().await
}

/// Looks at the process once nothing has gone for a while.
async fn settled() -> Result<Usage> {
    let deadline = Instant::now() + GONE_WITHIN;
    let mut least = Usage::now()?;
    let mut since = Instant::now();
    while since.elapsed() < QUIET && Instant::now() < deadline {
        // What is watched for is that nothing goes any more: only time can show that.
        sleep(Duration::from_millis(250)).await;
        let now = Usage::now()?;
        if !least.holds_no_more_than(&now) {
            least = now;
            since = Instant::now();
        }
    }
    Usage::now()
}
