//! A participant in a program of its own, steered as `PROTOCOL.md` says.

mod wire;

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, Result, anyhow};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use wire::Wire;

use crate::PeerKind;

/// Chromium takes a few seconds to start on a loaded machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Every command but `record` is answered within this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(45);
/// A peer that was told to leave ends by then.
const END_WITHIN: Duration = Duration::from_secs(20);

/// Something that a peer told without being asked.
#[derive(Debug, Clone)]
pub struct Event {
    /// The event's name.
    pub name: String,
    /// All its fields.
    pub fields: Value,
}

/// What a recording amounts to.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// Samples written, at 48 kHz.
    pub samples: u64,
    /// The longest time between the arrival of two frames.
    pub longest_wait: Duration,
}

/// A participant in a program of its own. Dropping it kills the program.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    wire: Wire,
}

impl Peer {
    /// Starts a peer of this kind and waits until it is ready.
    ///
    /// # Errors
    /// When what it needs is not set up, or it does not get ready.
    pub async fn start(kind: PeerKind) -> Result<Self> {
        Self::start_command(kind.command().await?).await
    }

    /// Starts a peer by a command of the test's own, for example inside a network namespace.
    ///
    /// # Errors
    /// When the program does not start or get ready.
    pub async fn start_command(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {command:?}"))?;
        let input = child.stdin.take().context("the peer has no input")?;
        let output = child.stdout.take().context("the peer has no output")?;
        let peer = Self {
            child,
            wire: Wire::connect(input, output),
        };
        timeout(READY_WITHIN, peer.event("ready", |_| true))
            .await
            .context("the peer is not ready")??;
        Ok(peer)
    }

    /// Joins a room.
    ///
    /// # Errors
    /// What the peer's SDK says.
    pub async fn join(&self, url: &str, token: &str) -> Result<()> {
        self.perform("join", json!({ "url": url, "token": token }))
            .await
            .map(drop)
    }

    /// Publishes a tone of `hertz` at `level` (RMS in dBFS) and returns the track's id.
    ///
    /// # Errors
    /// What the peer's SDK says.
    pub async fn publish_tone(&self, hertz: f32, level: f32) -> Result<String> {
        let answer = self
            .perform(
                "publish_tone",
                json!({ "frequency": hertz, "level": level }),
            )
            .await?;
        Ok(text(&answer["sid"]))
    }

    /// Records somebody's microphone into a WAV file, as it is decoded.
    ///
    /// # Errors
    /// When the track does not come, or the file cannot be written.
    pub async fn record(&self, identity: &str, time: Duration, file: &Path) -> Result<Recorded> {
        let arguments =
            json!({ "identity": identity, "seconds": time.as_secs_f64(), "file": file });
        let answer = self
            .perform_within("record", arguments, ANSWER_WITHIN + time)
            .await?;
        Ok(Recorded {
            samples: answer["samples"].as_u64().context("no number of samples")?,
            longest_wait: Duration::from_secs_f64(
                answer["longest_wait_ms"].as_f64().unwrap_or_default() / 1000.0,
            ),
        })
    }

    /// Sends a data packet to everybody.
    ///
    /// # Errors
    /// What the peer's SDK says.
    pub async fn send_data(&self, topic: &str, data: &[u8]) -> Result<()> {
        let arguments = json!({ "topic": topic, "data": BASE64_STANDARD.encode(data) });
        self.perform("send_data", arguments).await.map(drop)
    }

    /// Calls a method of another participant and returns the answer.
    ///
    /// # Errors
    /// What the other participant or the SDK answers; the text has the code.
    pub async fn rpc(&self, to: &str, method: &str, payload: &str) -> Result<String> {
        let arguments = json!({ "to": to, "method": method, "payload": payload });
        Ok(text(&self.perform("rpc", arguments).await?["payload"]))
    }

    /// Sends any command of the protocol and returns its `ok`.
    ///
    /// # Errors
    /// What the peer answers, or that it did not answer in time.
    pub async fn perform(&self, command: &str, arguments: Value) -> Result<Value> {
        self.perform_within(command, arguments, ANSWER_WITHIN).await
    }

    async fn perform_within(
        &self,
        command: &str,
        arguments: Value,
        limit: Duration,
    ) -> Result<Value> {
        let answer = timeout(limit, self.wire.ask(command, arguments)).await;
        answer
            .with_context(|| format!("`{command}` was not answered"))?
            .with_context(|| format!("`{command}` failed"))
    }

    /// Waits for an event that passes `wanted`, and returns it. Each event answers one wait; others
    /// stay for later waits, whatever the order in which they came.
    ///
    /// # Errors
    /// When the peer ends, or the event does not come within 45 s.
    pub async fn event(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Result<Event> {
        let told = timeout(ANSWER_WITHIN, self.wire.event(name, wanted)).await;
        told.with_context(|| format!("no event `{name}`"))?
    }

    /// Returns everything told so far, in order.
    pub fn events(&self) -> Vec<Event> {
        self.wire.told()
    }

    /// Returns the process id of the peer's program while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Leaves the room and waits until the program has ended.
    ///
    /// # Errors
    /// When the program does not end in time, or ends badly.
    pub async fn leave(mut self) -> Result<()> {
        // Closing its input is how a peer is told to go.
        self.wire.hang_up();
        let status = timeout(END_WITHIN, self.child.wait())
            .await
            .context("the peer does not end")??;
        if status.success() {
            Ok(())
        } else {
            Err(anyhow!("the peer ended with {status}"))
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
