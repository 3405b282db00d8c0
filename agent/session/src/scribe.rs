//! Writes down for everybody in the room what is said, and writes to the chat.

use std::sync::Arc;

use room_contract::{
    Attributes, Identity, Listeners, Recipients, Room, StreamError, StreamOptions, TextWriter,
    Topic,
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

/// Lines that wait to be written. When it is full an interim line is lost, since the next one makes up for it; a
/// line that stays is lost with a warning, since the room has been out of reach for many seconds.
const WAITING: usize = 256;

const TRANSCRIPTION: &str = "lk.transcription";
const CHAT: &str = "lk.chat";
const SEGMENT: &str = "lk.segment_id";
const LAST: &str = "lk.transcription_final";
const TRACK: &str = "lk.transcribed_track_id";

/// Something to write.
#[derive(Debug)]
pub(crate) enum Line {
    /// What somebody has said so far in one stretch of speech.
    Person {
        who: Identity,
        track: Option<String>,
        segment: String,
        text: String,
        last: bool,
    },
    /// The next words of the agent.
    Agent {
        segment: String,
        track: String,
        text: String,
    },
    /// The agent has said all of it.
    AgentEnded,
    /// A message to the chat.
    Chat(String),
}

/// The way to the paper.
pub(crate) struct Scribe {
    queue: mpsc::Sender<Line>,
    readers: watch::Sender<Listeners>,
    writing: JoinSet<()>,
}

impl Scribe {
    pub(crate) fn new(room: Arc<dyn Room>, readers: Listeners) -> Self {
        let (queue, lines) = mpsc::channel(WAITING);
        let (readers, told) = watch::channel(readers);
        let mut writing = JoinSet::new();
        let pen = Writing {
            room,
            readers: told,
            agent: None,
        };
        writing.spawn(pen.run(lines));
        Self {
            queue,
            readers,
            writing,
        }
    }

    /// Writes for these alone from here on, what waits included.
    pub(crate) fn address(&self, readers: Listeners) {
        self.readers.send_replace(readers);
    }

    pub(crate) fn write(&self, line: Line) {
        let passing = matches!(&line, Line::Person { last: false, .. });
        if self.queue.try_send(line).is_err() && !passing {
            tracing::warn!("the room does not take transcripts: a line is lost");
        }
    }

    /// Waits until everything is written; each line has its own deadline.
    pub(crate) async fn finish(self) {
        let Self {
            queue, mut writing, ..
        } = self;
        drop(queue);
        let _ = tokio::time::timeout(room_contract::deadline::SEND, writing.join_next()).await;
    }
}

struct Writing {
    room: Arc<dyn Room>,
    readers: watch::Receiver<Listeners>,
    /// The agent's present segment.
    agent: Option<Segment>,
}

struct Segment {
    name: String,
    readers: Listeners,
    /// What was written of it.
    text: String,
    stream: Box<dyn TextWriter>,
}

impl Writing {
    async fn run(mut self, mut lines: mpsc::Receiver<Line>) {
        while let Some(line) = lines.recv().await {
            if let Err(error) = self.write(line).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a line of the transcript was not written"
                );
            }
        }
    }

    async fn write(&mut self, line: Line) -> Result<(), StreamError> {
        match line {
            Line::Person {
                who,
                track,
                segment,
                text,
                last,
            } => {
                let mut options = transcription(segment, last);
                options.sender = Some(who);
                options
                    .attributes
                    .extend(track.map(|track| (TRACK.to_owned(), track)));
                self.write_whole(options, &text).await
            }
            Line::Agent {
                segment,
                track,
                text,
            } => self.write_on(segment, track, &text).await,
            Line::AgentEnded => self.end_segment().await,
            Line::Chat(text) => {
                self.write_whole(StreamOptions::topic(topic(CHAT)), &text)
                    .await
            }
        }
    }

    async fn write_whole(
        &mut self,
        mut options: StreamOptions,
        text: &str,
    ) -> Result<(), StreamError> {
        options.to = recipients(&self.readers.borrow());
        let mut stream = self.room.write_text(options).await?;
        stream.write(text).await?;
        stream.close(Attributes::new()).await
    }

    async fn write_on(
        &mut self,
        name: String,
        track: String,
        text: &str,
    ) -> Result<(), StreamError> {
        let mut segment = match self.agent.take() {
            Some(segment) if segment.name == name && !self.is_narrower(&segment.readers) => segment,
            former => self.begin_segment(former, name, track).await?,
        };
        segment.text.push_str(text);
        self.agent.insert(segment).stream.write(text).await
    }

    /// Opens a stream for a segment. One that goes on, because somebody is to read no more of it, is told again from
    /// its beginning to those who are left.
    async fn begin_segment(
        &mut self,
        former: Option<Segment>,
        name: String,
        track: String,
    ) -> Result<Segment, StreamError> {
        let goes_on = former.as_ref().filter(|former| former.name == name);
        let text = goes_on
            .map(|former| former.text.clone())
            .unwrap_or_default();
        self.agent = former;
        self.end_segment().await?;
        let readers = self.readers.borrow().clone();
        let mut options = transcription(name.clone(), false);
        options.attributes.insert(TRACK.to_owned(), track);
        options.to = recipients(&readers);
        let mut stream = self.room.write_text(options).await?;
        if !text.is_empty() {
            stream.write(&text).await?;
        }
        Ok(Segment {
            name,
            readers,
            text,
            stream,
        })
    }

    /// Returns whether somebody reads no longer who did when a stream was opened.
    fn is_narrower(&self, former: &Listeners) -> bool {
        match (&*self.readers.borrow(), former) {
            (Listeners::Everybody, _) => false,
            (Listeners::Only(_), Listeners::Everybody) => true,
            (Listeners::Only(few), Listeners::Only(were)) => !were.is_subset(few),
        }
    }

    async fn end_segment(&mut self) -> Result<(), StreamError> {
        let Some(segment) = self.agent.take() else {
            return Ok(());
        };
        let last = Attributes::from([(LAST.to_owned(), true.to_string())]);
        segment.stream.close(last).await
    }
}

fn recipients(readers: &Listeners) -> Recipients {
    match readers {
        Listeners::Everybody => Recipients::Everybody,
        Listeners::Only(few) => Recipients::Only(few.iter().cloned().collect()),
    }
}

fn transcription(segment: String, last: bool) -> StreamOptions {
    let mut options = StreamOptions::topic(topic(TRANSCRIPTION));
    options.attributes = Attributes::from([
        (SEGMENT.to_owned(), segment),
        (LAST.to_owned(), last.to_string()),
    ]);
    options
}

fn topic(name: &str) -> Topic {
    Topic::new(name).expect("it is short and has no control characters")
}
