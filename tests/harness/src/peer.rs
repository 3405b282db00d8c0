//! A participant in a program of its own, steered as `PROTOCOL.md` says.

use std::{
    collections::HashMap,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result, anyhow, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

use crate::PeerKind;

/// Chromium takes a few seconds to start on a loaded machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// Every command but `record` is answered within this time.
const ANSWER_WITHIN: Duration = Duration::from_secs(45);
/// A peer that was told to leave ends by then.
const END_WITHIN: Duration = Duration::from_secs(20);
/// Commands wait when the program does not read them.
const COMMANDS: usize = 16;

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
    commands: mpsc::Sender<String>,
    shared: Arc<Shared>,
    next_id: std::sync::atomic::AtomicU64,
    writing: JoinHandle<()>,
    reading: JoinHandle<()>,
}

/// What the reading task and the test both see.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// Everything told so far. A test ends long before this grows large.
    told: Vec<Event>,
    /// Those of them that no test has waited for.
    unseen: Vec<Event>,
    waiting: HashMap<u64, oneshot::Sender<Result<Value>>>,
    ended: bool,
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
        let shared = Arc::new(Shared::default());
        let (commands, to_write) = mpsc::channel(COMMANDS);
        let writing = tokio::spawn(write(input, to_write));
        let reading = tokio::spawn(read(BufReader::new(output).lines(), Arc::clone(&shared)));
        let peer = Self {
            child,
            commands,
            shared,
            next_id: 1.into(),
            writing,
            reading,
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
        mut arguments: Value,
        limit: Duration,
    ) -> Result<Value> {
        let id = self
            .next_id
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        arguments["id"] = id.into();
        arguments["do"] = command.into();
        let (answer, answered) = oneshot::channel();
        self.shared.expect_answer(id, answer)?;
        self.commands
            .send(arguments.to_string())
            .await
            .context("the peer has ended")?;
        let answer = timeout(limit, answered)
            .await
            .with_context(|| format!("`{command}` was not answered"))?;
        answer
            .context("the peer has ended")?
            .with_context(|| format!("`{command}` failed"))
    }

    /// Waits for an event that passes `wanted`, and returns it. Each event answers one wait; others
    /// stay for later waits, whatever the order in which they came.
    ///
    /// # Errors
    /// When the peer ends, or the event does not come within 45 s.
    pub async fn event(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Result<Event> {
        let search = async {
            loop {
                let news = self.shared.news.notified();
                if let Some(event) = self.take_event(name, &wanted)? {
                    return Ok(event);
                }
                news.await;
            }
        };
        timeout(ANSWER_WITHIN, search)
            .await
            .with_context(|| format!("no event `{name}`"))?
    }

    fn take_event(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Result<Option<Event>> {
        let mut state = self.shared.lock();
        let found = state
            .unseen
            .iter()
            .position(|e| e.name == name && wanted(&e.fields));
        match found {
            Some(index) => Ok(Some(state.unseen.remove(index))),
            None if state.ended => bail!("the peer ended before the event `{name}`"),
            None => Ok(None),
        }
    }

    /// Returns everything told so far, in order.
    pub fn events(&self) -> Vec<Event> {
        self.shared.lock().told.clone()
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
        self.commands = mpsc::channel(1).0;
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

impl Drop for Peer {
    fn drop(&mut self) {
        self.writing.abort();
        self.reading.abort();
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect_answer(&self, id: u64, answer: oneshot::Sender<Result<Value>>) -> Result<()> {
        let mut state = self.lock();
        if state.ended {
            bail!("the peer has ended");
        }
        state.waiting.insert(id, answer);
        Ok(())
    }

    fn take_line(&self, line: &str) {
        let Ok(mut message) = serde_json::from_str::<Value>(line) else {
            return;
        };
        let mut state = self.lock();
        if let Some(name) = message["event"].as_str().map(str::to_owned) {
            let event = Event {
                name,
                fields: message,
            };
            state.told.push(event.clone());
            state.unseen.push(event);
        } else if let Some(answer) = message["id"]
            .as_u64()
            .and_then(|id| state.waiting.remove(&id))
        {
            // Whoever asked may have given up.
            let _ = answer.send(match message["error"].as_str() {
                Some(error) => Err(anyhow!("{error}")),
                None => Ok(message["ok"].take()),
            });
        }
    }

    fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        state.waiting.clear();
    }
}

async fn read(mut lines: Lines<BufReader<ChildStdout>>, shared: Arc<Shared>) {
    while let Ok(Some(line)) = lines.next_line().await {
        shared.take_line(&line);
        shared.news.notify_waiters();
    }
    shared.end();
    shared.news.notify_waiters();
}

async fn write(mut input: ChildStdin, mut commands: mpsc::Receiver<String>) {
    while let Some(mut command) = commands.recv().await {
        command.push('\n');
        if input.write_all(command.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
