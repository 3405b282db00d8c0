//! From the first voiced block of an objection to the last sound of the agent.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::sleep;

use crate::{
    answers::{SILENCE, ask_once},
    backstage::{Backstage, Delays},
    caller::Caller,
    figures::Times,
    stage::Stage,
    troupe::Role,
};

/// Long enough to be interrupted.
const STORY: &str = "Once upon a time there was a princess who lived in a tower, and she had a garden, and in the \
    garden there was a tree, and in the tree there was a bird, and the bird could sing all day and all night.";
/// Long enough to be an interruption.
const OBJECTION: Duration = Duration::from_millis(1_500);

/// Interrupts so many stories.
pub(crate) async fn measure(stage: &mut Stage, delays: Delays, times: usize) -> Result<Times> {
    let backstage = Backstage::open(delays, STORY).await?;
    let agents = stage.enter(1, Role::Talk(backstage.addresses())).await?;
    let rooms = stage.address().rooms()?;
    let joining = Instant::now();
    let mut line = Caller::join(&rooms, &agents.rooms[0])
        .await?
        .find_the_agent()
        .await?;
    line.ear.hear_voice(joining).await?;
    let mut measured = Times::default();
    let (_, mut story) = ask_once(&mut line).await?;
    for _ in 0..times {
        // The objection begins now in this, now in that place of a word and of a packet.
        sleep(Duration::from_millis(700 + fastrand::u64(0..800))).await;
        let began = line.begin_to_speak(OBJECTION).await?;
        // Long enough for the agent to have stopped, too short for an answer to the objection.
        sleep(OBJECTION).await;
        let last = line.ear.heard().last.unwrap_or(story);
        measured.add_between(began, last.max(began));
        story = line.ear.hear_voice(began + OBJECTION).await?;
    }
    line.ear.hear_silence(SILENCE).await?;
    line.leave().await;
    agents.leave().await?;
    Ok(measured)
}
