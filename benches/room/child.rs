//! A process of its own for each measurement.

use std::{
    env,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::task::{Line, Task};

/// The first argument of a child that runs this program; the task is the second.
pub(crate) const CHILD_ARGUMENT: &str = "child";

/// Whose rooms are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Implementation {
    /// The crate `livekit` over the engine of this workspace.
    Ours,
    /// The PyPI package `livekit` over stock libwebrtc.
    Stock,
}

impl Implementation {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Stock => "stock",
        }
    }

    /// Tells whether it is set up.
    pub(crate) fn is_there(self) -> bool {
        match self {
            Self::Ours => true,
            Self::Stock => python().exists(),
        }
    }

    fn command(self) -> Result<Command> {
        match self {
            Self::Ours => {
                let mut command = Command::new(env::current_exe()?);
                command.arg(CHILD_ARGUMENT);
                Ok(command)
            }
            Self::Stock => {
                let mut command = Command::new(python());
                command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("stock.py"));
                Ok(command)
            }
        }
    }
}

/// The virtual environment that the tests' Python peer uses as well.
fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/venv/bin/python")
}

/// A measurement going on.
pub(crate) struct Measurement {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) patience: Duration,
}

impl Measurement {
    pub(crate) fn start(by: Implementation, task: &Task, patience: Duration) -> Result<Self> {
        let mut child = by
            .command()?
            .arg(serde_json::to_string(task)?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("the output was asked for")?;
        Ok(Self {
            child,
            lines: BufReader::new(stdout).lines(),
            patience,
        })
    }

    /// Returns the next line, or nothing at the end.
    pub(crate) async fn next_line(&mut self) -> Result<Option<Line>> {
        let line = timeout(self.patience, self.lines.next_line()).await;
        match line.context("the measurement hangs")?? {
            Some(line) => Ok(Some(serde_json::from_str(&line).context(line)?)),
            None => self.ended().await.map(|()| None),
        }
    }

    /// Returns all lines that are still to come.
    pub(crate) async fn all_lines(mut self) -> Result<Vec<Line>> {
        let mut lines = Vec::new();
        while let Some(line) = self.next_line().await? {
            lines.push(line);
        }
        Ok(lines)
    }

    async fn ended(&mut self) -> Result<()> {
        let status = timeout(self.patience, self.child.wait()).await??;
        if !status.success() {
            bail!("the measurement failed: {status}");
        }
        Ok(())
    }
}
