//! What is measured, how often, and how it is shown.

use std::env;

use anyhow::{Result, bail};

use crate::{
    figures::Times,
    process, ruler,
    stage::Stage,
    troupe::{Delays, TOKEN, TOKENS_TO_WAIT_FOR},
};

/// The delays that the peers were measured with.
const SLOW: Delays = Delays {
    transcriber: 200,
    thinker: 300,
    speaker: 100,
    token: 20,
};
/// Nothing but us. The stub transcriber knows a pause after one piece of 20 ms.
const FAST: Delays = Delays {
    transcriber: 20,
    thinker: 0,
    speaker: 0,
    token: 0,
};

/// A whole run.
pub(crate) struct Plan {
    parts: Vec<Part>,
    callers: usize,
    turns: usize,
    sessions: &'static [usize],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Turns,
    Interruptions,
    Load,
}

impl Plan {
    /// Returns the plan that the command line asks for: everything, or the parts that are named; `quick` for a glance.
    pub(crate) fn from_environment() -> Result<Self> {
        let mut plan = Self {
            parts: Vec::new(),
            callers: 10,
            turns: 10,
            sessions: &[1, 6, 20, 100],
        };
        for argument in env::args().skip(1).filter(|argument| argument != "--bench") {
            match argument.as_str() {
                "turns" => plan.parts.push(Part::Turns),
                "interruptions" => plan.parts.push(Part::Interruptions),
                "load" => plan.parts.push(Part::Load),
                "quick" => (plan.callers, plan.turns, plan.sessions) = (2, 4, &[1, 6]),
                unknown => bail!("`{unknown}` is none of turns, interruptions, load, quick"),
            }
        }
        if plan.parts.is_empty() {
            plan.parts = vec![Part::Turns, Part::Interruptions, Part::Load];
        }
        Ok(plan)
    }

    pub(crate) async fn carry_out(self) -> Result<()> {
        println!("{}, load {}\n", process::processor()?, process::load()?);
        let mut stage = Stage::set_up().await?;
        let floor = ruler::floor(&mut stage, self.turns).await?;
        println!("times in ms: p50 / p95. Stub providers within the agents' process.\n");
        println!("| | measured | goal |\n|---|---|---|");
        row(
            "the ruler's floor: null agent, first voiced block → its sound",
            &floor,
            "",
        );
        for part in &self.parts {
            match part {
                Part::Turns => {
                    self.turns(&mut stage, SLOW, "200/300/100").await?;
                    self.turns(&mut stage, FAST, "20/0/0").await?;
                }
                Part::Interruptions => {
                    let times = ruler::interruptions(&mut stage, SLOW, self.turns).await?;
                    row(
                        "barge-in: first voiced block → last agent sound",
                        &times,
                        "p95 ≤ 150",
                    );
                }
                Part::Load => self.load(&mut stage).await?,
            }
        }
        stage.tear_down().await;
        println!("\nload at the end {}", process::load()?);
        Ok(())
    }

    async fn turns(&self, stage: &mut Stage, delays: Delays, name: &str) -> Result<()> {
        let (answers, greetings) = ruler::turns(stage, delays, self.callers, self.turns).await?;
        let stubs = (delays.transcriber + delays.thinker + delays.speaker) as f64;
        let writing = (delays.token * u64::from(TOKENS_TO_WAIT_FOR)) as f64;
        debug_assert!(delays.token == 0 || u128::from(delays.token) == TOKEN.as_millis());
        row(
            &format!("{name}: last voiced block → first agent sound"),
            &answers,
            "",
        );
        let net = answers.less(stubs);
        row(
            &format!("{name}: the same, less the stubs' delays"),
            &net,
            "≤ 120 / 150",
        );
        let ours = net.less(writing);
        row(
            &format!("{name}: the same, less the writing of the first piece"),
            &ours,
            "≤ 30 / 50",
        );
        row(&format!("{name}: joining → greeting"), &greetings, "≤ 160");
        Ok(())
    }

    async fn load(&self, stage: &mut Stage) -> Result<()> {
        println!(
            "\n| sessions at once | answers, less the stubs' delays | CPU, % of a core each | memory before, MiB | each, MiB |"
        );
        println!("|---|---|---|---|---|");
        let stubs = (SLOW.transcriber + SLOW.thinker + SLOW.speaker) as f64;
        for sessions in self.sessions {
            let load = ruler::load(stage, SLOW, *sessions, self.turns.min(4)).await?;
            println!(
                "| {} | {} | {:.2} | {:.1} | {:.2} |",
                load.sessions,
                load.answers.less(stubs).shown(),
                load.cpu_percent_each,
                load.empty_mib,
                (load.full_mib - load.empty_mib) / load.sessions as f64,
            );
        }
        Ok(())
    }
}

fn row(name: &str, times: &Times, goal: &str) {
    println!("| {name} | {} | {goal} |", times.shown());
}
