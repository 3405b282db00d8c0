//! What is measured, from the caller's end.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use room_contract::Rooms;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    caller::{Caller, Line},
    figures::Times,
    stage::{Agents, Stage},
    troupe::{Delays, Role},
};

/// A question.
const QUESTION: Duration = Duration::from_millis(1_200);
/// Long enough to be an interruption.
const OBJECTION: Duration = Duration::from_millis(1_500);
/// A pause between words is shorter.
const SILENCE: Duration = Duration::from_millis(600);
/// Between two turns.
const BREATH: Duration = Duration::from_millis(400);

/// Returns how long the ruler takes by itself: first voiced block handed over, null agent, first sound back.
pub(crate) async fn floor(stage: &mut Stage, times: usize) -> Result<Times> {
    let agents = stage.enter(1, Role::Null).await?;
    let rooms = stage.address().rooms()?;
    let mut line = Caller::join(&rooms, &agents.rooms[0])
        .await?
        .find_the_agent()
        .await?;
    sleep(BREATH).await;
    let mut measured = Times::default();
    for _ in 0..times {
        let asked = Instant::now();
        line.speak(Duration::from_millis(100));
        let heard = line.hear_sound().await?;
        let spoken = line.spoken().filter(|spoken| spoken.began >= asked);
        measured.add(heard - spoken.context("it was spoken")?.began);
        line.hear_silence(SILENCE).await?;
    }
    line.leave().await;
    agents.leave().await?;
    Ok(measured)
}

/// Returns the times from the caller's last voiced block to the agent's first sound, and from joining to the greeting.
pub(crate) async fn turns(
    stage: &mut Stage,
    delays: Delays,
    callers: usize,
    times: usize,
) -> Result<(Times, Times)> {
    let (mut answers, mut greetings) = (Times::default(), Times::default());
    for _ in 0..callers {
        let agents = stage
            .enter(
                1,
                Role::Talk {
                    delays,
                    story: false,
                },
            )
            .await?;
        let rooms = stage.address().rooms()?;
        let joining = Instant::now();
        let mut line = Caller::join(&rooms, &agents.rooms[0])
            .await?
            .find_the_agent()
            .await?;
        greetings.add(line.hear_sound().await? - joining);
        answers.extend(ask(&mut line, times).await?);
        line.leave().await;
        agents.leave().await?;
    }
    Ok((answers, greetings))
}

/// Returns the times from the first block of an objection to the last sound of the agent.
pub(crate) async fn interruptions(
    stage: &mut Stage,
    delays: Delays,
    times: usize,
) -> Result<Times> {
    let agents = stage
        .enter(
            1,
            Role::Talk {
                delays,
                story: true,
            },
        )
        .await?;
    let rooms = stage.address().rooms()?;
    let mut line = Caller::join(&rooms, &agents.rooms[0])
        .await?
        .find_the_agent()
        .await?;
    line.hear_sound().await?;
    line.hear_silence(SILENCE).await?;
    let mut measured = Times::default();
    line.speak_to_the_end(QUESTION).await?;
    for time in 0..times {
        line.hear_sound().await?;
        // The objection begins now in this, now in that place of a word and of a packet.
        let story = Duration::from_millis(700 + 37 * time as u64);
        let until = Instant::now() + story;
        while Instant::now() < until {
            line.hear_sound().await?;
        }
        let asked = Instant::now();
        line.speak(OBJECTION);
        // Words have pauses; the answer to the objection begins no sooner than its end.
        let last = line.hear_silence(SILENCE).await?;
        let spoken = line.spoken().filter(|spoken| spoken.began >= asked);
        measured.add(last.saturating_duration_since(spoken.context("it was spoken")?.began));
    }
    line.leave().await;
    agents.leave().await?;
    Ok(measured)
}

/// What so many sessions at once need.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) sessions: usize,
    pub(crate) answers: Times,
    pub(crate) cpu_percent_each: f64,
    pub(crate) empty_mib: f64,
    pub(crate) full_mib: f64,
}

/// Lets callers talk in so many rooms at once.
pub(crate) async fn load(
    stage: &mut Stage,
    delays: Delays,
    sessions: usize,
    times: usize,
) -> Result<Load> {
    let empty = stage.enter(0, Role::Null).await?;
    let empty_mib = empty.resident_mib()?;
    empty.leave().await?;
    let agents = stage
        .enter(
            sessions,
            Role::Talk {
                delays,
                story: false,
            },
        )
        .await?;
    let mut lines = Vec::new();
    for room in &agents.rooms {
        let rooms = stage.address().rooms()?;
        lines.push(
            Caller::join(&rooms as &dyn Rooms, room)
                .await?
                .find_the_agent()
                .await?,
        );
    }
    let (answers, cpu_percent_each) = talk_at_once(&agents, lines, times).await?;
    let full_mib = agents.resident_mib()?;
    agents.leave().await?;
    Ok(Load {
        sessions,
        answers,
        cpu_percent_each,
        empty_mib,
        full_mib,
    })
}

async fn talk_at_once(agents: &Agents, lines: Vec<Line>, times: usize) -> Result<(Times, f64)> {
    let sessions = lines.len() as f64;
    let (began, cpu) = (Instant::now(), agents.cpu_seconds()?);
    let mut talking = JoinSet::new();
    for (place, mut line) in lines.into_iter().enumerate() {
        talking.spawn(async move {
            // Not everybody at the same moment.
            sleep(Duration::from_millis(173 * (place as u64 % 20))).await;
            let answers = ask(&mut line, times).await;
            line.leave().await;
            answers
        });
    }
    let mut answers = Times::default();
    while let Some(asked) = talking.join_next().await {
        answers.extend(asked??);
    }
    let used = agents.cpu_seconds()? - cpu;
    Ok((
        answers,
        used / began.elapsed().as_secs_f64() / sessions * 100.0,
    ))
}

async fn ask(line: &mut Line, times: usize) -> Result<Times> {
    let mut answers = Times::default();
    for _ in 0..times {
        line.hear_silence(SILENCE).await?;
        sleep(BREATH).await;
        let ended = line.speak_to_the_end(QUESTION).await?.ended;
        let heard = line.hear_sound().await?;
        answers.add(heard.saturating_duration_since(ended.context("it has ended")?));
    }
    Ok(answers)
}
