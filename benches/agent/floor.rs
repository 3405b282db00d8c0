//! What the ruler measures when the agent does nothing but answer at once.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{sleep, timeout};

use crate::{caller::Caller, figures::Times, stage::Stage, troupe::Role};

/// Longer than the null agent wants to hear of silence.
const PAUSE: Duration = Duration::from_millis(500);

/// An answer that takes longer does not come.
const PATIENCE: Duration = Duration::from_secs(2);
const MOST_MISSES: usize = 5;

/// Returns the times from the first voiced block to the null agent's first sound.
pub(crate) async fn measure(stage: &mut Stage, times: usize) -> Result<Times> {
    let agents = stage.enter(1, Role::Null).await?;
    let rooms = stage.address().rooms()?;
    let mut line = Caller::join(&rooms, &agents.rooms[0])
        .await?
        .find_the_agent()
        .await?;
    let mut measured = Times::default();
    let mut misses = 0;
    while measured.count() < times {
        sleep(PAUSE + Duration::from_millis(fastrand::u64(0..100))).await;
        let began = line.begin_to_speak(Duration::from_millis(100)).await?;
        // The null agent may not hear the caller yet.
        match timeout(PATIENCE, line.ear.hear_voice(began)).await {
            Ok(heard) => measured.add_between(began, heard?),
            Err(_) => misses += 1,
        }
        ensure!(misses <= MOST_MISSES, "the null agent does not hear");
        line.ear.hear_silence(PAUSE).await?;
    }
    line.leave().await;
    agents.leave().await?;
    Ok(measured)
}
