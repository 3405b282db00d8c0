//! The socket of a stream, once it has begun.

use std::{
    future::{pending, poll_fn},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, timeout};

use super::{Breach, Wire, WireLost, WireMessage, budget::Budget, opening::Opened};
use crate::{
    media::{FrameError, Incoming, write_clear, write_mark, write_media},
    sid::StreamSid,
};

/// Twilio takes 20 ms of sound each 20 ms: whoever takes nothing for so long is gone.
const SEND: Duration = Duration::from_secs(1);

/// Twilio sends sound without a pause: a socket that brings nothing for so long leads nowhere any more.
const SILENT: Duration = Duration::from_secs(30);

/// A goodbye that takes longer is not said.
const CLOSE: Duration = Duration::from_secs(1);

/// One stream.
pub(super) struct Line {
    wire: Box<dyn Wire>,
    stream: StreamSid,
    budget: Budget,
    came: Instant,
    frame: String,
}

/// What a line brings.
#[derive(Debug)]
pub(super) enum News {
    /// A message of this stream.
    Message(Incoming),
    /// It is no more.
    Lost,
    /// It does not keep to the protocol.
    Breach(Breach),
}

impl Line {
    pub(super) fn new(opened: Opened) -> Self {
        Self {
            stream: opened.start.stream.clone(),
            wire: opened.wire,
            budget: Budget::new(Instant::now()),
            came: Instant::now(),
            frame: String::new(),
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<News> {
        loop {
            let message = std::task::ready!(self.wire.poll_next(cx));
            self.came = Instant::now();
            match self.read(message) {
                Ok(Some(news)) => return Poll::Ready(news),
                Ok(None) => {}
                Err(breach) => return Poll::Ready(News::Breach(breach)),
            }
        }
    }

    /// Reads a message; `None` when it says nothing to this leg.
    fn read(&mut self, message: WireMessage) -> Result<Option<News>, Breach> {
        let text = match message {
            WireMessage::Text(text) => text,
            WireMessage::Binary => return self.budget.garbled().map(|()| None),
            WireMessage::TooLong => return Err(Breach::TooLong),
            WireMessage::Closed => return Ok(Some(News::Lost)),
        };
        self.budget.message(Instant::now())?;
        let message = match Incoming::parse(&text) {
            Ok(message) => message,
            Err(FrameError::TooLong) => return Err(Breach::TooLong),
            Err(FrameError::Garbled | FrameError::Sound) => {
                return self.budget.garbled().map(|()| None);
            }
        };
        let stream = match &message {
            Incoming::Media(media) => &media.stream,
            Incoming::Dtmf { stream, .. }
            | Incoming::Mark { stream, .. }
            | Incoming::Stop { stream } => stream,
            // It has begun: a second beginning is none.
            Incoming::Start(_) => return self.budget.stranger().map(|()| None),
            Incoming::Connected | Incoming::Unknown => return Ok(None),
        };
        if *stream == self.stream {
            Ok(Some(News::Message(message)))
        } else {
            self.budget.stranger().map(|()| None)
        }
    }

    /// Returns when it is taken for lost if nothing more comes.
    pub(super) fn deadline(&self) -> Instant {
        self.came + SILENT
    }

    /// Takes note of a mark that was never sent.
    pub(super) fn handle_unsent_mark(&mut self) -> Result<(), Breach> {
        self.budget.unsent_mark()
    }

    pub(super) async fn sound(&mut self, codes: &[u8]) -> Result<(), WireLost> {
        write_media(&mut self.frame, &self.stream, codes);
        self.send().await
    }

    pub(super) async fn mark(&mut self, name: &str) -> Result<(), WireLost> {
        write_mark(&mut self.frame, &self.stream, name);
        self.send().await
    }

    pub(super) async fn clear(&mut self) -> Result<(), WireLost> {
        write_clear(&mut self.frame, &self.stream);
        self.send().await
    }

    pub(super) async fn close(mut self) {
        // Whoever does not listen is not told.
        let _ = timeout(CLOSE, self.wire.close()).await;
    }

    async fn send(&mut self) -> Result<(), WireLost> {
        timeout(SEND, self.wire.send(&self.frame))
            .await
            .unwrap_or(Err(WireLost))
    }
}

/// Waits for what a line brings; for ever without one.
pub(super) async fn next(line: &mut Option<Line>) -> News {
    match line {
        Some(line) => poll_fn(|cx| line.poll_next(cx)).await,
        None => pending().await,
    }
}
