//! What is measured, how often, and in which order.

use std::{env, fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use room_media::wav;
use tempfile::TempDir;

use crate::{
    child::{Implementation, Measurement},
    ours::Crowd,
    process,
    report::{self, CrowdFigures, Joins, Latencies},
    server::Server,
    signal,
    task::{Line, Task, Usage},
};

/// Participants in one process. Ten of stock libwebrtc take more than one of two cores.
const CROWDS: [(Implementation, &[usize]); 2] = [
    (Implementation::Ours, &[1, 10, 50, 200]),
    (Implementation::Stock, &[1, 10]),
];
/// From one line of a child to the next; a crowd of stock participants takes its time to gather.
const PATIENCE: Duration = Duration::from_secs(180);

/// A whole run.
pub(crate) struct Plan {
    parts: Vec<Part>,
    joins: usize,
    beeps: u32,
    repetitions: usize,
    settle_seconds: u64,
    seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Join,
    Latency,
    Crowd,
}

impl Plan {
    /// Returns the plan that the command line asks for: everything, or the parts that are named;
    /// `quick` for a glance.
    pub(crate) fn from_environment() -> Result<Self> {
        let mut parts = Vec::new();
        let mut quick = false;
        for argument in env::args().skip(1).filter(|argument| argument != "--bench") {
            match argument.as_str() {
                "join" => parts.push(Part::Join),
                "latency" => parts.push(Part::Latency),
                "crowd" => parts.push(Part::Crowd),
                "quick" => quick = true,
                unknown => bail!("`{unknown}` is none of join, latency, crowd, quick"),
            }
        }
        if parts.is_empty() {
            parts = vec![Part::Join, Part::Latency, Part::Crowd];
        }
        Ok(if quick {
            Self {
                parts,
                joins: 5,
                beeps: 10,
                repetitions: 1,
                settle_seconds: 2,
                seconds: 4,
            }
        } else {
            Self {
                parts,
                joins: 30,
                beeps: 80,
                repetitions: 3,
                settle_seconds: 4,
                seconds: 10,
            }
        })
    }

    pub(crate) async fn carry_out(self) -> Result<()> {
        println!(
            "{}, load {} before",
            process::processor()?,
            process::load()?
        );
        if !Implementation::Stock.is_there() {
            println!("stock libwebrtc is not set up (`scripts/python-peer` does): ours alone");
        }
        let stage = Stage::set().await?;
        for &part in &self.parts {
            match part {
                Part::Join => self.measure_joins(&stage).await?,
                Part::Latency => self.measure_latency(&stage).await?,
                Part::Crowd => self.measure_crowds(&stage).await?,
            }
        }
        println!("\nload {} after", process::load()?);
        stage.server.stop().await;
        Ok(())
    }

    async fn measure_joins(&self, stage: &Stage) -> Result<()> {
        let mut joins = Vec::new();
        for by in implementations() {
            let room = format!("join-{}", by.name());
            let speaker = [stage.server.token(&room, "speaker")?];
            let speaker = Crowd::speak(&stage.server.url(), &speaker, &stage.voice).await?;
            let tokens = (0..=self.joins).map(|i| stage.server.token(&room, &format!("guest-{i}")));
            let task = Task::Join {
                url: stage.server.url(),
                tokens: tokens.collect::<Result<_>>()?,
            };
            let lines = Measurement::start(by, &task, PATIENCE)?.all_lines().await?;
            speaker.leave().await?;
            // The first join of a process loads what the others share.
            joins.push((by, Joins::from_lines(&lines[1..])));
        }
        report::print_joins(&joins);
        Ok(())
    }

    async fn measure_latency(&self, stage: &Stage) -> Result<()> {
        let mut latencies = Vec::new();
        for by in implementations() {
            let room = format!("latency-{}", by.name());
            let task = Task::Latency {
                url: stage.server.url(),
                speaker: stage.server.token(&room, "speaker")?,
                listener: stage.server.token(&room, "listener")?,
                beeps: self.beeps,
            };
            let lines = Measurement::start(by, &task, PATIENCE)?.all_lines().await?;
            latencies.push((by, Latencies::from_lines(&lines)));
        }
        report::print_latencies(&latencies);
        Ok(())
    }

    async fn measure_crowds(&self, stage: &Stage) -> Result<()> {
        let mut crowds = Vec::new();
        for by in implementations() {
            let (_, counts) = CROWDS
                .into_iter()
                .find(|(of, _)| *of == by)
                .context("all are there")?;
            for &count in counts {
                let mut figures = CrowdFigures::new(by, count);
                for repetition in 0..self.repetitions {
                    let name = format!("{}-{count}-{repetition}", by.name());
                    match self.measure_crowd(stage, by, &name, count).await {
                        Ok((usage, server_seconds)) => figures.add(usage, server_seconds),
                        // The other figures are worth having without it.
                        Err(error) => println!("{name} failed: {error:#}"),
                    }
                }
                println!("{figures}");
                crowds.push(figures);
            }
        }
        report::print_crowds(&crowds);
        Ok(())
    }

    /// Returns what a crowd has used, and the server's processor seconds meanwhile.
    async fn measure_crowd(
        &self,
        stage: &Stage,
        by: Implementation,
        name: &str,
        count: usize,
    ) -> Result<(Usage, f64)> {
        let token = |index: usize| {
            stage
                .server
                .token(&format!("{name}-{}", index / 2), &format!("guest-{index}"))
        };
        let task = Task::Crowd {
            url: stage.server.url(),
            tokens: (0..count).map(token).collect::<Result<_>>()?,
            voice: stage.voice.display().to_string(),
            settle_seconds: self.settle_seconds,
            seconds: self.seconds,
        };
        // Who is alone in a room is given somebody to talk to, outside what is measured.
        let lonely = (count..count.next_multiple_of(2))
            .map(token)
            .collect::<Result<Vec<_>>>()?;
        let company = Crowd::speak(&stage.server.url(), &lonely, &stage.voice).await?;
        let mut measurement = Measurement::start(by, &task, PATIENCE)?;
        let mut server_before = 0.0;
        let measured = loop {
            match measurement.next_line().await? {
                Some(Line::Begin) => server_before = stage.server.cpu_seconds()?,
                Some(Line::End(usage)) => {
                    break (usage, stage.server.cpu_seconds()? - server_before);
                }
                Some(Line::Joined { .. } | Line::Beep { .. }) | None => {
                    bail!("the crowd ended without a figure")
                }
            }
        };
        measurement.all_lines().await?;
        company.leave().await?;
        Ok(measured)
    }
}

/// What all measurements share.
struct Stage {
    server: Server,
    voice: PathBuf,
    _folder: TempDir,
}

impl Stage {
    async fn set() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let voice = folder.path().join("voice.wav");
        fs::write(&voice, wav::write(&signal::voice())?)?;
        Ok(Self {
            server: Server::start().await?,
            voice,
            _folder: folder,
        })
    }
}

fn implementations() -> impl Iterator<Item = Implementation> {
    [Implementation::Ours, Implementation::Stock]
        .into_iter()
        .filter(|by| by.is_there())
}
