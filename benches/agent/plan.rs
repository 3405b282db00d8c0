//! What is measured, how often, and how it is shown.

use std::env;

use anyhow::{Result, bail};

use crate::{
    answers::Answers,
    backstage::Delays,
    figures::Times,
    floor, interruptions,
    load::Load,
    process,
    stage::Stage,
    visits::{self, Visits},
};

/// The delays that the peers were measured with.
const SLOW: Delays = Delays {
    silence: 100,
    transcript: 100,
    thinker: 300,
    token: 20,
    speaker: 100,
};
/// Nothing but us; a transcriber must hear 20 ms of silence to know that it is one.
const FAST: Delays = Delays {
    silence: 20,
    transcript: 0,
    thinker: 0,
    token: 0,
    speaker: 0,
};

/// A whole run.
pub(crate) struct Plan {
    parts: Vec<Part>,
    callers: usize,
    turns: usize,
    sessions: &'static [usize],
    visits: (usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Answers,
    Interruptions,
    Load,
    Visits,
}

impl Plan {
    /// Returns the plan that the command line asks for: everything, or the parts that are named; `full` for publishing.
    pub(crate) fn from_environment() -> Result<Self> {
        let mut plan = Self {
            parts: Vec::new(),
            callers: 4,
            turns: 6,
            sessions: &[1, 6, 20],
            visits: (1_000, 100),
        };
        for argument in env::args().skip(1).filter(|argument| argument != "--bench") {
            match argument.as_str() {
                "answers" => plan.parts.push(Part::Answers),
                "interruptions" => plan.parts.push(Part::Interruptions),
                "load" => plan.parts.push(Part::Load),
                "visits" => plan.parts.push(Part::Visits),
                "full" => {
                    (plan.callers, plan.turns) = (10, 10);
                    (plan.sessions, plan.visits) = (&[1, 6, 20, 50, 100], (10_000, 1_000));
                }
                unknown => {
                    bail!("`{unknown}` is none of answers, interruptions, load, visits, full")
                }
            }
        }
        if plan.parts.is_empty() {
            plan.parts = vec![Part::Answers, Part::Interruptions, Part::Load, Part::Visits];
        }
        Ok(plan)
    }

    pub(crate) async fn carry_out(self) -> Result<()> {
        println!("{}, load {}\n", process::processor()?, process::load()?);
        let mut stage = Stage::set_up().await?;
        let floor = floor::measure(&mut stage, 5 * self.turns).await?;
        println!("| ms | p50 / p95 | least–most | n | goal | livekit-agents | Pipecat |");
        println!("|---|---|---|---|---|---|---|");
        row(
            "the ruler's own floor: a null agent that answers at once",
            &floor,
            ["", "", ""],
        );
        for part in &self.parts {
            match part {
                Part::Answers => {
                    self.answers(&mut stage, SLOW, "200/300/100").await?;
                    self.answers(&mut stage, FAST, "0/0/0").await?;
                }
                Part::Interruptions => {
                    let times = self.callers * self.turns;
                    let times = interruptions::measure(&mut stage, SLOW, times).await?;
                    let peers = ["p95 ≤ 150", "p95 648", "p95 233"];
                    row(
                        "barge-in: first voiced block → last agent sound",
                        &times,
                        peers,
                    );
                }
                Part::Load => self.load(&mut stage).await?,
                Part::Visits => self.visits(&mut stage).await?,
            }
        }
        stage.tear_down().await;
        println!("\nload at the end {}", process::load()?);
        Ok(())
    }

    async fn answers(&self, stage: &mut Stage, delays: Delays, name: &str) -> Result<()> {
        let answers = Answers::measure(stage, delays, self.callers, self.turns).await?;
        let parts = &answers.parts;
        let net = answers.whole.less(delays.sum());
        let own = net.less_each(&parts.writing);
        let is_slow = delays == SLOW;
        let peers = |peers: [&'static str; 3]| if is_slow { peers } else { ["", "", ""] };
        row(
            &format!("{name}: last voiced block → first agent sound, less the stubs' delays"),
            &net,
            peers(["≤ 120 / 150", "364 / 413", "350 / 389"]),
        );
        row(
            "– the same, less the writing of the first piece",
            &own,
            peers(["≤ 30 / 50", "184 / 233", "170 / 209"]),
        );
        row(
            "– of it: caller → transcriber",
            &parts.to_transcriber,
            ["≤ 25", "107", "87"],
        );
        row(
            "– of it: words → model asked",
            &parts.to_thinker,
            ["", "", ""],
        );
        row(
            "– of it: piece complete → speech asked",
            &parts.to_speaker,
            ["≤ 2", "42", "22"],
        );
        row(
            "– of it: first speech byte → caller's ear",
            &parts.to_ear,
            ["≤ 15", "20", "49"],
        );
        row(
            "– beside it: writing of the first piece",
            &parts.writing,
            ["", "180", "180"],
        );
        let over = parts.providers.less(delays.sum());
        row(
            "– beside it: the stubs, over their delays",
            &over,
            ["", "", ""],
        );
        row(
            &format!("{name}: joining → greeting"),
            &answers.greetings,
            peers(["≤ 160", "582", "420"]),
        );
        row(
            "– the same, from having joined",
            &answers.greetings_inside,
            ["", "", ""],
        );
        if answers.unclear > 0 {
            println!("{} turns were unclear", answers.unclear);
        }
        Ok(())
    }

    async fn load(&self, stage: &mut Stage) -> Result<()> {
        println!(
            "\n| sessions at once | answers, less the stubs' delays: p50 / p95, ms | n | unanswered | sound missing, % | \
             CPU, % of a core each | memory before, MiB | each, MiB |"
        );
        println!("|---|---|---|---|---|---|---|---|");
        for sessions in self.sessions {
            let load = Load::measure(stage, SLOW, *sessions, self.turns.min(5)).await?;
            println!(
                "| {} | {} | {} | {} | {:.2} | {:.2} | {:.1} | {:.2} |",
                load.sessions,
                load.answers.less(SLOW.sum()).shown(),
                load.answers.count(),
                load.unanswered,
                load.missing_percent,
                load.cpu_percent_each,
                load.empty_mib,
                (load.full_mib - load.empty_mib) / load.sessions as f64,
            );
        }
        Ok(())
    }

    async fn visits(&self, stage: &mut Stage) -> Result<()> {
        println!(
            "\n| sessions opened and closed | failed | in, s | files / threads / tasks before | memory, MiB | \
             after | memory, MiB | rooms left | open at providers |"
        );
        println!("|---|---|---|---|---|---|---|---|---|");
        let (in_memory, on_server) = self.visits;
        let visits = visits::on_server(stage, FAST, on_server).await?;
        visits_row("on the server", &visits);
        let visits = visits::in_memory(stage, FAST, in_memory).await?;
        visits_row("in memory", &visits);
        Ok(())
    }
}

fn visits_row(name: &str, visits: &Visits) {
    println!(
        "| {} {name} | {} | {:.0} | {} | {} | {} | {} |",
        visits.sessions,
        visits.failed,
        visits.seconds,
        visits.before.shown(),
        visits.after.shown(),
        visits.rooms_left,
        visits.open_at_providers,
    );
}

fn row(name: &str, times: &Times, [goal, first, second]: [&str; 3]) {
    println!(
        "| {name} | {} | {} | {} | {goal} | {first} | {second} |",
        times.shown(),
        times.range(),
        times.count(),
    );
}
