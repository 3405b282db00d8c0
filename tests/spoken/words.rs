//! What a person understands of what they heard, by PocketSphinx and its free model.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

/// Nobody waits for an ear: on a busy machine it takes several times as long as what it listens to.
const LISTENS: Duration = Duration::from_secs(240);

/// Of the agent's words, how many must be understood: nine in a hundred of its voice are not even when it is clean.
const UNDERSTOOD: f32 = 0.75;

/// Words in the order in which they were heard.
#[derive(Debug)]
pub(crate) struct Understood(Vec<String>);

impl Understood {
    /// Listens to a recording.
    pub(crate) async fn of(recording: &Path) -> Self {
        let mut ear = Command::new("pocketsphinx_continuous");
        ear.arg("-infile")
            .arg(recording)
            .args(["-logfn", "/dev/null"]);
        let output = timeout(LISTENS, ear.kill_on_drop(true).output());
        let output = output.await.expect("it was listened to").unwrap();
        assert!(output.status.success(), "pocketsphinx: {}", output.status);
        Self(words(&String::from_utf8_lossy(&output.stdout)))
    }

    /// Returns whether this was said, by the words that were understood.
    pub(crate) fn has(&self, said: &str) -> bool {
        self.share(said) >= UNDERSTOOD
    }

    /// Returns which part of the words was understood, in their order.
    pub(crate) fn share(&self, said: &str) -> f32 {
        let said = words(said);
        let windows = self
            .0
            .windows(self.0.len().min(said.len() + said.len() / 2).max(1));
        let best = windows
            .map(|window| in_order(&said, window))
            .max()
            .unwrap_or(0);
        best as f32 / said.len() as f32
    }
}

/// The length of the longest row of words that both have in this order.
fn in_order(one: &[String], other: &[String]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for word in one {
        let mut before = 0;
        for (at, heard) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if word == heard {
                before + 1
            } else {
                above.max(row[at])
            };
            before = above;
        }
    }
    row[other.len()]
}

fn words(text: &str) -> Vec<String> {
    let text = text
        .to_lowercase()
        .replace("colour", "color")
        .replace("harbour", "harbor");
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_was_said_is_told_from_what_was_not() {
    let heard = Understood(words(
        "good morning we are helping from nine to five goodbye",
    ));

    assert!(heard.has("We are open from nine to five."));
    assert!(!heard.has("A haircut is twenty eight pounds."));
}
