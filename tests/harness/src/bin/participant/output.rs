//! Standard output: replies and events, one JSON object per line, in order.

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, stdout};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinHandle;

/// Writes lines from any number of tasks. Unbounded: a test reads everything at once, and events
/// come from callbacks that cannot wait.
#[derive(Clone)]
pub(crate) struct Output {
    lines: UnboundedSender<Line>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

enum Line {
    Text(String),
    End(oneshot::Sender<()>),
}

impl Output {
    pub(crate) fn start() -> Self {
        let (lines, to_write) = unbounded_channel();
        let writer = tokio::spawn(write(to_write));
        Self {
            lines,
            writer: Arc::new(Mutex::new(Some(writer))),
        }
    }

    /// Writes an event; `fields` is an object.
    pub(crate) fn tell(&self, event: &str, mut fields: Value) {
        fields["event"] = event.into();
        self.write(&fields);
    }

    /// Writes the reply to the command with this id.
    pub(crate) fn answer(&self, id: &Value, answer: Result<Value>) {
        self.write(&match answer {
            Ok(value) => json!({ "id": id, "ok": value }),
            Err(error) => json!({ "id": id, "error": format!("{error:#}") }),
        });
    }

    /// Waits until everything is written.
    pub(crate) async fn finish(&self) {
        let (end, ended) = oneshot::channel();
        if self.lines.send(Line::End(end)).is_ok() {
            drop(ended.await);
        }
        if let Some(writer) = self.writer.lock().await.take() {
            writer.abort();
        }
    }

    fn write(&self, message: &Value) {
        // Nobody listens when the output is closed: the peer is about to end.
        drop(self.lines.send(Line::Text(message.to_string())));
    }
}

async fn write(mut lines: UnboundedReceiver<Line>) {
    let mut output = stdout();
    while let Some(line) = lines.recv().await {
        match line {
            Line::Text(mut text) => {
                text.push('\n');
                if output.write_all(text.as_bytes()).await.is_err() || output.flush().await.is_err()
                {
                    return;
                }
            }
            Line::End(end) => drop(end.send(())),
        }
    }
}
