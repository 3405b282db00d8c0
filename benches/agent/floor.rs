//! What the ruler measures when the agent does nothing but answer at once.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::{caller::Caller, figures::Times, stage::Stage, troupe::Role};

/// Longer than the null agent wants to hear of silence.
const PAUSE: Duration = Duration::from_millis(500);

/// Returns the times from the first voiced block to the null agent's first sound.
pub(crate) async fn measure(stage: &mut Stage, times: usize) -> Result<Times> {
    let agents = stage.enter(1, Role::Null).await?;
    let rooms = stage.address().rooms()?;
    let mut line = Caller::join(&rooms, &agents.rooms[0]).await?.find_the_agent().await?;
    let mut measured = Times::default();
    for _ in 0..times {
        sleep(PAUSE + Duration::from_millis(fastrand::u64(0..100))).await;
        let began = line.begin_to_speak(Duration::from_millis(100)).await?;
        let heard = line.ear.hear_voice(began).await?;
        measured.add_between(began, heard);
        line.ear.hear_silence(PAUSE).await?;
    }
    line.leave().await;
    agents.leave().await?;
    Ok(measured)
}
