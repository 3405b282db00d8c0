//! The LiveKit server of a run, and the process with the agents.

use std::{env, process::Stdio, time::Duration};

use anyhow::{Context, Result, ensure};
use room_launcher::{LiveKitServer, Options};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::{
    process,
    troupe::{CHILD_ARGUMENT, Cast, READY, Role},
};

/// Entering takes a second each at worst.
const PATIENCE: Duration = Duration::from_secs(120);

/// Where the server is, and how to sign for it. It lives as long as the run, on loopback.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Address {
    url: String,
    key: String,
    secret: String,
}

impl Address {
    pub(crate) fn rooms(&self) -> Result<LiveKitRooms> {
        Ok(LiveKitRooms::new(LiveKitConfig {
            url: self.url.clone(),
            public_url: None,
            api_key: self.key.clone(),
            api_secret: SecretString::from(self.secret.as_str()),
        })?)
    }
}

pub(crate) struct Stage {
    server: LiveKitServer,
    opened: usize,
}

impl Stage {
    pub(crate) async fn set_up() -> Result<Self> {
        let options = Options {
            settings: json!({ "logging": { "level": "error" } }),
            ..Options::default()
        };
        Ok(Self {
            server: LiveKitServer::start(options).await?,
            opened: 0,
        })
    }

    pub(crate) fn address(&self) -> Address {
        Address {
            url: self.server.url(),
            key: self.server.api_key().to_owned(),
            secret: self.server.api_secret().to_owned(),
        }
    }

    /// Starts agents in so many new rooms.
    pub(crate) async fn enter(&mut self, count: usize, role: Role) -> Result<Agents> {
        let first = self.opened;
        self.opened += count;
        let rooms: Vec<String> = (first..self.opened).map(|n| format!("bench-{n}")).collect();
        let cast = Cast {
            address: self.address(),
            rooms: rooms.clone(),
            role,
        };
        Agents::start(&cast, rooms).await
    }

    pub(crate) async fn tear_down(mut self) {
        self.server.stop().await;
    }
}

/// A process full of agents; it ends when this is dropped.
pub(crate) struct Agents {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) rooms: Vec<String>,
}

impl Agents {
    async fn start(cast: &Cast, rooms: Vec<String>) -> Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .arg(CHILD_ARGUMENT)
            .arg(serde_json::to_string(cast)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = child.stdout.take().context("the output was asked for")?;
        let lines = BufReader::new(stdout).lines();
        let mut agents = Self {
            child,
            lines,
            rooms,
        };
        let line = agents.line(PATIENCE).await?;
        ensure!(line == READY, "the agents failed");
        Ok(agents)
    }

    /// Tells the agents something.
    pub(crate) async fn tell(&mut self, line: &str) -> Result<()> {
        let input = self
            .child
            .stdin
            .as_mut()
            .context("the input was asked for")?;
        Ok(input.write_all(format!("{line}\n").as_bytes()).await?)
    }

    /// Waits for the next thing that the agents tell.
    pub(crate) async fn line(&mut self, patience: Duration) -> Result<String> {
        let line = timeout(patience, self.lines.next_line()).await;
        line.context("the agents hang")??
            .context("the agents are gone")
    }

    fn pid(&self) -> Result<u32> {
        self.child.id().context("the agents are gone")
    }

    /// Returns the processor seconds that the agents have used.
    pub(crate) fn cpu_seconds(&self) -> Result<f64> {
        process::cpu_seconds(self.pid()?)
    }

    /// Returns the agents' resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        process::resident_mib(self.pid()?)
    }

    pub(crate) async fn leave(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        timeout(PATIENCE, self.child.wait())
            .await
            .context("the agents stay")??;
        Ok(())
    }
}
