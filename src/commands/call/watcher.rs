//! What the server tells of a call while it goes on.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::commands::terminal::client;

/// Lines that wait to be shown; when full the reader of the server's events waits.
const WAITING: usize = 64;

/// The session begins with the call's webhook; until then it is asked for again.
const LOOKS: u32 = 40;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// The longest event; a longer one is not read.
const LONGEST: usize = 256 * 1024;

/// Something that the server tells.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Told {
    /// Whose words.
    pub(super) identity: String,
    /// The words.
    pub(super) text: String,
    /// Whether they stay as they are.
    pub(super) last: bool,
}

/// Reads the events of a session. Without a key for them, nothing comes; the call goes on all the same.
pub(super) struct Watcher {
    lines: mpsc::Receiver<Told>,
    _reading: AbortOnDropHandle<()>,
}

impl Watcher {
    pub(super) fn of(server: Url, session: String) -> Self {
        let (sender, lines) = mpsc::channel(WAITING);
        let reading = tokio::spawn(async move {
            for _ in 0..LOOKS {
                if read(&server, &session, &sender).await.is_some() {
                    return;
                }
                sleep(PAUSE).await;
            }
        });
        Self {
            lines,
            _reading: AbortOnDropHandle::new(reading),
        }
    }

    /// Waits for the next line; for ever once there are no more.
    pub(super) async fn next(&mut self) -> Told {
        match self.lines.recv().await {
            Some(told) => told,
            None => std::future::pending().await,
        }
    }
}

/// Reads events to their end; nothing when there is no such session yet.
async fn read(server: &Url, session: &str, lines: &mpsc::Sender<Told>) -> Option<()> {
    let path = format!("sessions/{session}/events");
    let mut answer = client::follow(server, &path).await.ok()?;
    if !answer.status().is_success() {
        return None;
    }
    let mut text = Vec::new();
    while let Ok(Some(piece)) = answer.chunk().await {
        text.extend_from_slice(&piece);
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            if let Some(told) = transcript(&String::from_utf8_lossy(&event)) {
                lines.send(told).await.ok()?;
            }
        }
        if text.len() > LONGEST {
            return Some(());
        }
    }
    Some(())
}

/// Returns the words of an event, if it has any.
fn transcript(event: &str) -> Option<Told> {
    let field = |name: &str| {
        event
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    };
    if field("event") != Some("transcript") {
        return None;
    }
    serde_json::from_str(field("data")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_out_of_events() {
        let event = "event: transcript\ndata: {\"segment\":\"SG_1\",\"identity\":\"ann\",\"text\":\"Hello.\",\
             \"last\":true,\"at\":\"2026-01-01T00:00:00Z\"}\n\n";

        let told = transcript(event).expect("it is one");

        assert_eq!(
            (told.identity.as_str(), told.text.as_str()),
            ("ann", "Hello.")
        );
        assert!(told.last);
    }

    #[test]
    fn other_events_have_no_words() {
        for event in [
            "event: state\ndata: {\"status\":\"active\"}\n\n",
            ": keep-alive\n\n",
            "\n\n",
        ] {
            assert_eq!(transcript(event), None);
        }
    }
}
