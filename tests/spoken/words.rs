//! What a person understands of what they heard.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use room_media::{Frame, wav};
use tempfile::tempdir;

use crate::ear;

/// An hour at 16 kHz.
const LONGEST: usize = 60 * 60 * 16_000;

/// Of the agent's words, how many must be understood: nine in a hundred of its voice are not even when it is clean.
const UNDERSTOOD: f32 = 0.75;

/// How much silence there is before each hearing. What the ear makes of clean words hangs on where its windows happen to
/// begin: "from nine" was "for my aim" in stretches of 60 to 120 ms.
const SILENCES: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(70),
    Duration::from_millis(140),
];

/// Words in the order in which they were heard, of each hearing.
#[derive(Debug)]
pub(crate) struct Understood(Vec<Vec<String>>);

impl Understood {
    /// Listens to a recording.
    pub(crate) async fn of(recording: &Path) -> Self {
        let recording = wav::read(&std::fs::read(recording).unwrap(), LONGEST).unwrap();
        let hearings = SILENCES.map(|silence| hear(&recording, silence));
        Self(join_all(hearings).await)
    }

    /// Returns whether this was said, by the words that were understood.
    pub(crate) fn has(&self, said: &str) -> bool {
        self.share(said) >= UNDERSTOOD
    }

    /// Returns which part of the words was understood, in their order.
    pub(crate) fn share(&self, said: &str) -> f32 {
        let said = words(said);
        let hearings = self.0.iter().map(|heard| known(&said, heard));
        hearings.max().unwrap_or(0) as f32 / said.len() as f32
    }
}

async fn hear(recording: &Frame, silence: Duration) -> Vec<String> {
    let folder = tempdir().unwrap();
    let file = folder.path().join("heard.wav");
    let format = recording.format();
    let mut samples = vec![0; format.values_in(silence)];
    samples.extend_from_slice(recording.samples());
    let later = Frame::new(format, 0, samples).unwrap();
    std::fs::write(&file, wav::write(&later).unwrap()).unwrap();

    words(&ear::listen(&file, &[]).await)
}

/// How many of these words were heard within little more time than they take.
fn known(said: &[String], heard: &[String]) -> usize {
    let length = heard.len().min(said.len() + said.len() / 2).max(1);
    let windows = heard.windows(length);
    let known = windows.map(|window| in_order(said, window));
    known.max().unwrap_or(0)
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
    let heard = Understood(vec![
        words("good morning we are helping for my aim to five goodbye"),
        words("good morning we are helping from nine to five goodbye"),
    ]);

    assert!(heard.has("We are open from nine to five."));
    assert!(!heard.has("A haircut is twenty eight pounds."));
}
