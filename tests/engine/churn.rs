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
/// How long the last connections may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_joins_and_leaves_leave_nothing_behind() -> Result<()> {
    let venue = Venue::open_alone().await?;
    for _ in 0..WARM_UP {
        come_and_go(&venue).await?;
    }
    let before = settled(None).await?;

    for _ in 0..CYCLES {
        come_and_go(&venue).await?;
    }
    let after = settled(Some(before)).await?;

    figure("before 500 joins", format!("{before:?}"));
    figure("after 500 joins", format!("{after:?}"));
    assert!(after.tasks <= before.tasks, "{before:?} {after:?}");
    assert!(after.threads <= before.threads, "{before:?} {after:?}");
    assert!(after.sockets <= before.sockets, "{before:?} {after:?}");
    assert!(
        after.descriptors <= before.descriptors,
        "{before:?} {after:?}"
    );
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

/// Looks at the process once it holds no more than `before`, or when it has had its time.
async fn settled(before: Option<Usage>) -> Result<Usage> {
    let deadline = Instant::now() + GONE_WITHIN;
    let mut last = Usage::now()?;
    loop {
        sleep(Duration::from_millis(200)).await;
        let now = Usage::now()?;
        let (quiet, least) = match before {
            Some(before) => (
                now.holds_no_more_than(&before),
                now.memory <= before.memory + MEMORY_SLACK,
            ),
            None => (now.holds_no_more_than(&last), true),
        };
        if quiet && least || Instant::now() > deadline {
            return Ok(now);
        }
        last = now;
    }
}
