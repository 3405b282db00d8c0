//! The lines between a test and a peer's program: commands one way, replies and events the other.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{ChildStdin, ChildStdout},
    sync::{Notify, mpsc, oneshot},
    task::JoinSet,
};

use super::Event;

/// Commands wait when the program does not read them.
const COMMANDS: usize = 16;

/// The connection to one program. Its deadlines are the caller's.
#[derive(Debug)]
pub(super) struct Wire {
    /// `None` once hung up.
    commands: Option<mpsc::Sender<String>>,
    shared: Arc<Shared>,
    next_id: AtomicU64,
    /// Reading and writing end with this value.
    _tasks: JoinSet<()>,
}

impl Wire {
    pub(super) fn connect(input: ChildStdin, output: ChildStdout) -> Self {
        let shared = Arc::new(Shared::default());
        let (commands, to_write) = mpsc::channel(COMMANDS);
        let mut tasks = JoinSet::new();
        tasks.spawn(write(input, to_write));
        tasks.spawn(read(BufReader::new(output).lines(), Arc::clone(&shared)));
        Self {
            commands: Some(commands),
            shared,
            next_id: AtomicU64::new(1),
            _tasks: tasks,
        }
    }

    /// Sends a command and waits for its reply.
    pub(super) async fn ask(&self, command: &str, mut arguments: Value) -> Result<Value> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        arguments["id"] = id.into();
        arguments["do"] = command.into();
        let (answer, answered) = oneshot::channel();
        self.shared.expect_answer(id, answer)?;
        let commands = self
            .commands
            .as_ref()
            .context("the peer was told to leave")?;
        commands
            .send(arguments.to_string())
            .await
            .context("the peer has ended")?;
        answered.await.context("the peer has ended")?
    }

    /// Waits for an event; each answers one wait.
    pub(super) async fn event(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Result<Event> {
        loop {
            let news = self.shared.news.notified();
            if let Some(event) = self.shared.take_event(name, &wanted)? {
                return Ok(event);
            }
            news.await;
        }
    }

    /// Returns everything told so far, in order.
    pub(super) fn told(&self) -> Vec<Event> {
        self.shared.lock().told.clone()
    }

    /// Ends the program's input once what was sent is written.
    pub(super) fn hang_up(&mut self) {
        self.commands = None;
    }
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
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

    fn take_event(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Result<Option<Event>> {
        let mut state = self.lock();
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

    /// Lines that are no messages are passed over: programs print what they like.
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
            return;
        }
        let Some(answer) = message["id"]
            .as_u64()
            .and_then(|id| state.waiting.remove(&id))
        else {
            return;
        };
        // Whoever asked may have given up.
        let _ = answer.send(match message["error"].as_str() {
            Some(error) => Err(anyhow!("{error}")),
            None => Ok(message["ok"].take()),
        });
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
