//! Medians, spread and ratios, as tables for `../README.md`.

use std::fmt;

use crate::{
    child::Implementation,
    task::{Line, Usage},
};

/// Sorted values of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    fn add(&mut self, value: f64) {
        let at = self.0.partition_point(|&other| other < value);
        self.0.insert(at, value);
    }

    fn quantile(&self, part: f64) -> f64 {
        let last = self.0.len().saturating_sub(1) as f64;
        self.0
            .get((last * part).round() as usize)
            .copied()
            .unwrap_or(f64::NAN)
    }

    fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut figures = Self::default();
        for value in values {
            figures.add(value);
        }
        figures
    }
}

/// Median and the middle nine tenths.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1);
        let [low, middle, high] = [0.05, 0.5, 0.95].map(|part| self.quantile(part));
        write!(f, "{middle:.digits$} ({low:.digits$}–{high:.digits$})")
    }
}

/// Joins of one implementation, in milliseconds.
pub(crate) struct Joins {
    connected: Figures,
    heard: Figures,
}

impl Joins {
    pub(crate) fn from_lines(lines: &[Line]) -> Self {
        let joins = lines.iter().filter_map(|line| match line {
            Line::Joined {
                connected_ms,
                heard_ms,
            } => Some((*connected_ms, *heard_ms)),
            Line::Beep { .. } | Line::Begin | Line::End(_) => None,
        });
        let (connected, heard): (Vec<f64>, Vec<f64>) = joins.unzip();
        Self {
            connected: connected.into_iter().collect(),
            heard: heard.into_iter().collect(),
        }
    }
}

/// Latencies of one implementation, in milliseconds.
pub(crate) struct Latencies {
    arrived: Figures,
    played: Figures,
}

impl Latencies {
    pub(crate) fn from_lines(lines: &[Line]) -> Self {
        let beeps = lines.iter().filter_map(|line| match line {
            Line::Beep {
                arrived_ms,
                played_ms,
            } => Some((*arrived_ms, *played_ms)),
            Line::Joined { .. } | Line::Begin | Line::End(_) => None,
        });
        let (arrived, played): (Vec<f64>, Vec<f64>) = beeps.unzip();
        Self {
            arrived: arrived.into_iter().collect(),
            played: played.into_iter().collect(),
        }
    }
}

/// What crowds of one size have used.
pub(crate) struct CrowdFigures {
    by: Implementation,
    participants: usize,
    /// Percent of a core per participant.
    cpu: Figures,
    /// The same without the process's first thread.
    cpu_without_main: Figures,
    server_cpu: Figures,
    /// MiB per participant, beyond the process with nobody connected.
    memory: Figures,
    /// MiB of the process with nobody connected.
    empty: Figures,
    /// Percent of the sound that should have been heard.
    heard: Figures,
}

impl CrowdFigures {
    pub(crate) fn new(by: Implementation, participants: usize) -> Self {
        Self {
            by,
            participants,
            cpu: Figures::default(),
            cpu_without_main: Figures::default(),
            server_cpu: Figures::default(),
            memory: Figures::default(),
            empty: Figures::default(),
            heard: Figures::default(),
        }
    }

    pub(crate) fn add(&mut self, usage: Usage, server_seconds: f64) {
        let each = self.participants as f64;
        let percent = |seconds: f64| seconds / usage.seconds / each * 100.0;
        self.cpu.add(percent(usage.cpu_seconds));
        self.cpu_without_main
            .add(percent(usage.cpu_seconds - usage.main_thread_seconds));
        self.server_cpu.add(percent(server_seconds));
        let grown = (usage.full_mib - usage.empty_mib).max(0.0);
        self.memory.add(grown / each);
        self.empty.add(usage.empty_mib);
        self.heard.add(usage.heard_share * 100.0);
    }
}

impl fmt::Display for CrowdFigures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu,
            cpu_without_main,
            server_cpu,
            memory,
            empty,
            heard,
            ..
        } = self;
        write!(
            f,
            "| {} | {} | {cpu:.2} | {cpu_without_main:.2} | {memory:.2} | {empty:.1} | {heard:.1} | {server_cpu:.2} |",
            self.by.name(),
            self.participants,
        )
    }
}

pub(crate) fn print_joins(joins: &[(Implementation, Joins)]) {
    println!("\n| join, ms: median (5–95 %) | connected | first audio |\n|---|---|---|");
    for (by, joins) in joins {
        println!("| {} | {} | {} |", by.name(), joins.connected, joins.heard);
    }
    if let [(_, ours), (_, stock)] = joins {
        let connected = stock.connected.median() / ours.connected.median();
        let heard = stock.heard.median() / ours.heard.median();
        println!("| stock ÷ ours | {connected:.1} | {heard:.1} |");
    }
}

pub(crate) fn print_latencies(latencies: &[(Implementation, Latencies)]) {
    println!("\n| one way, ms: median (5–95 %) | as it arrives | played |\n|---|---|---|");
    for (by, latencies) in latencies {
        println!(
            "| {} | {} | {} |",
            by.name(),
            latencies.arrived,
            latencies.played
        );
    }
    if let [(_, ours), (_, stock)] = latencies {
        let arrived = stock.arrived.median() - ours.arrived.median();
        let played = stock.played.median() - ours.played.median();
        println!("| stock − ours | {arrived:.1} | {played:.1} |");
    }
}

pub(crate) fn print_crowds(crowds: &[CrowdFigures]) {
    println!(
        "\n| median (5–95 %) | participants | CPU, % of a core each | without main thread | \
         memory each, MiB | empty process, MiB | heard, % | server's CPU, % each |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for crowd in crowds {
        println!("{crowd}");
    }
    for ours in crowds
        .iter()
        .filter(|crowd| crowd.by == Implementation::Ours)
    {
        let alike = |stock: &&CrowdFigures| {
            stock.by == Implementation::Stock && stock.participants == ours.participants
        };
        if let Some(stock) = crowds.iter().find(alike) {
            let cpu = stock.cpu.median() / ours.cpu.median();
            let without = stock.cpu_without_main.median() / ours.cpu_without_main.median();
            let memory = stock.memory.median() / ours.memory.median();
            let count = ours.participants;
            println!("| stock ÷ ours | {count} | {cpu:.1} | {without:.1} | {memory:.1} | | | |");
        }
    }
}
