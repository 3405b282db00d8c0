//! What is written down in the room while people talk.

use room_contract::{Identity, TextReader};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Lines that wait to be shown; a stream waits when it is full.
const WAITING: usize = 64;

/// More than anybody says in one go.
const LONGEST: usize = 64 * 1024;

/// Streams that are read at a time; a room with more is out of its mind.
const STREAMS: usize = 64;

const TRANSCRIPTION: &str = "lk.transcription";
const CHAT: &str = "lk.chat";
const LAST: &str = "lk.transcription_final";

/// Something somebody says or has written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) who: Identity,
    pub(super) text: String,
    pub(super) last: bool,
}

pub(super) struct Transcript {
    lines: mpsc::Receiver<Line>,
    writer: mpsc::Sender<Line>,
    readers: JoinSet<()>,
}

impl Default for Transcript {
    fn default() -> Self {
        let (writer, lines) = mpsc::channel(WAITING);
        Self {
            lines,
            writer,
            readers: JoinSet::new(),
        }
    }
}

impl Transcript {
    /// Reads along, if it is a transcript or a message.
    pub(super) fn open(&mut self, reader: Box<dyn TextReader>) {
        while self.readers.try_join_next().is_some() {}
        let topic = reader.info().topic;
        if [TRANSCRIPTION, CHAT].contains(&topic.as_str()) && self.readers.len() < STREAMS {
            self.readers.spawn(read(reader, self.writer.clone()));
        }
    }

    /// Waits for the next line; for ever while nobody says anything.
    pub(super) async fn next(&mut self) -> Option<Line> {
        self.lines.recv().await
    }
}

/// A person's interim line comes whole in a stream of its own; the agent's words come one by one.
async fn read(mut reader: Box<dyn TextReader>, lines: mpsc::Sender<Line>) {
    let info = reader.info();
    let interim = info
        .attributes
        .get(LAST)
        .is_some_and(|last| last == "false");
    let mut text = String::new();
    let mut pieces = 0;
    while let Ok(Some(piece)) = reader.next().await {
        if text.len() + piece.len() > LONGEST {
            return;
        }
        text.push_str(&piece);
        pieces += 1;
        let so_far = Line {
            who: info.sender.clone(),
            text: text.clone(),
            last: false,
        };
        if lines.send(so_far).await.is_err() {
            return;
        }
    }
    // The end of an agent's stream is the end of its words; a person's interim line is followed by the next.
    let last = reader
        .info()
        .attributes
        .get(LAST)
        .is_none_or(|last| last == "true");
    if last || interim && pieces > 1 {
        let line = Line {
            who: info.sender,
            text,
            last: true,
        };
        // Nobody reads any more: there is nobody to tell.
        let _ = lines.send(line).await;
    }
}
