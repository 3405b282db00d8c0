//! What many sessions at once need, and whether they are as quick as one.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    answers::{REPLY, ask_once},
    backstage::{Backstage, Delays},
    caller::{Caller, Line},
    figures::Times,
    stage::{Agents, Stage},
    troupe::Role,
};

/// Callers that join at once.
const JOINING: usize = 5;

/// What so many sessions at once need.
#[derive(Debug, Default)]
pub(crate) struct Load {
    pub(crate) sessions: usize,
    pub(crate) answers: Times,
    /// Questions that were not answered in time.
    pub(crate) unanswered: usize,
    /// Processor time of the agents' process while they talk, in % of a core for each.
    pub(crate) cpu_percent_each: f64,
    pub(crate) empty_mib: f64,
    pub(crate) full_mib: f64,
    /// Sound that a player had to do without, in % of what came.
    pub(crate) missing_percent: f64,
}

impl Load {
    /// Lets callers talk in so many rooms at once.
    pub(crate) async fn measure(
        stage: &mut Stage,
        delays: Delays,
        sessions: usize,
        times: usize,
    ) -> Result<Self> {
        let backstage = Backstage::open(delays, REPLY).await?;
        let empty = stage.enter(0, Role::Talk(backstage.addresses())).await?;
        let empty_mib = empty.resident_mib()?;
        empty.leave().await?;
        let agents = stage
            .enter(sessions, Role::Talk(backstage.addresses()))
            .await?;
        let rooms = stage.address().rooms()?;
        let joining = agents
            .rooms
            .iter()
            .map(async |room| Caller::join(&rooms, room).await?.find_the_agent().await);
        let lines: Vec<Line> = stream::iter(joining)
            .buffered(JOINING)
            .try_collect()
            .await?;
        let mut load = Self {
            sessions,
            empty_mib,
            ..Self::default()
        };
        load.talk_at_once(&agents, lines, times).await?;
        agents.leave().await?;
        Ok(load)
    }

    async fn talk_at_once(
        &mut self,
        agents: &Agents,
        lines: Vec<Line>,
        times: usize,
    ) -> Result<()> {
        // The greetings are over.
        sleep(Duration::from_secs(3)).await;
        let (began, cpu) = (Instant::now(), agents.cpu_seconds()?);
        let mut talking = JoinSet::new();
        for line in lines {
            talking.spawn(talk(line, times));
        }
        let (mut received, mut missing) = (Duration::ZERO, Duration::ZERO);
        let mut done = Vec::new();
        while let Some(talked) = talking.join_next().await {
            let talked = talked.context("a caller broke down")?;
            self.answers.extend(talked.answers);
            self.unanswered += talked.unanswered;
            received += talked.received;
            missing += talked.missing;
            done.push(talked.line);
        }
        let used = agents.cpu_seconds()? - cpu;
        let seconds = began.elapsed().as_secs_f64();
        self.cpu_percent_each = used / seconds / self.sessions as f64 * 100.0;
        self.missing_percent = missing.as_secs_f64() / received.as_secs_f64() * 100.0;
        self.full_mib = agents.resident_mib()?;
        for line in done {
            line.leave().await;
        }
        Ok(())
    }
}

struct Talked {
    line: Line,
    answers: Times,
    unanswered: usize,
    received: Duration,
    missing: Duration,
}

async fn talk(mut line: Line, times: usize) -> Talked {
    // Not everybody at the same moment: over one turn.
    sleep(Duration::from_millis(fastrand::u64(0..5_000))).await;
    let before = line.ear.heard();
    let mut answers = Times::default();
    let mut unanswered = 0;
    for _ in 0..times {
        match ask_once(&mut line).await {
            Ok((ended, heard)) => answers.add_between(ended, heard),
            Err(_) => unanswered += 1,
        }
    }
    let heard = line.ear.heard();
    Talked {
        answers,
        unanswered,
        received: heard.received - before.received,
        missing: heard.missing - before.missing,
        line,
    }
}
