//! How the owner of a leg speaks to it, and hears of it.

use std::time::Duration;

use room_contract::{Attributes, Muting};
use tokio::sync::{mpsc, oneshot};

use super::opening::Opened;
use crate::{media::Start, sid::CallSid};

/// Things the owner wants, at once. When it is full, the owner waits.
const COMMANDS: usize = 16;

/// Events the owner has not taken. When it is half full, `Heard` is left out; when it is full, everything is.
const EVENTS: usize = 64;

/// Speaks to a leg. Clones speak to the same one.
#[derive(Debug, Clone)]
pub struct LegHandle {
    call: CallSid,
    commands: mpsc::Sender<Command>,
}

pub(super) enum Command {
    Attach(Opened),
    Mute(Muting),
    Show(Attributes, oneshot::Sender<()>),
    HangUp(Duration),
}

/// A socket that a leg did not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// It is another call's: close it.
    #[error("the socket is another call's")]
    WrongCall,
    /// The leg is over: close it.
    #[error("the leg is over")]
    Gone,
}

impl LegHandle {
    /// Returns whose leg it is.
    #[must_use]
    pub fn call(&self) -> &CallSid {
        &self.call
    }

    /// Hands over a socket whose token was checked. It takes the place of the one before it.
    ///
    /// # Errors
    /// [`AttachError`] says why it was not taken.
    pub async fn attach(&self, opened: Opened) -> Result<(), AttachError> {
        if opened.start.call != self.call {
            return Err(AttachError::WrongCall);
        }
        let sent = self.commands.send(Command::Attach(opened)).await;
        sent.map_err(|_| AttachError::Gone)
    }

    /// Silences the caller for everybody, or lets them be heard again.
    pub async fn set_muted(&self, to: Muting) {
        // A leg that is over is silent.
        let _ = self.commands.send(Command::Mute(to)).await;
    }

    /// Changes what the participant says of itself, and returns once everybody can see it. An empty value removes a
    /// key.
    pub async fn show(&self, changed: Attributes) {
        let (shown, is_shown) = oneshot::channel();
        // A leg that is over shows nothing.
        let _ = self.commands.send(Command::Show(changed, shown)).await;
        let _ = is_shown.await;
    }

    /// Ends the leg when everything that was said was heard, `patience` from here at the latest. The call itself is
    /// to be ended by its owner.
    pub async fn hang_up(&self, patience: Duration) {
        // A leg that is over has hung up.
        let _ = self.commands.send(Command::HangUp(patience)).await;
    }

    /// Waits until the leg is over.
    pub async fn gone(&self) {
        self.commands.closed().await;
    }
}

pub(super) fn commands(call: CallSid) -> (LegHandle, mpsc::Receiver<Command>) {
    let (commands, received) = mpsc::channel(COMMANDS);
    (LegHandle { call, commands }, received)
}

/// What happens on a leg. Why it ended is what [`Leg::run`](super::Leg::run) returns.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LegEvent {
    /// A socket was taken.
    Started {
        /// How its stream began.
        start: Box<Start>,
        /// Whether there was one before.
        again: bool,
    },
    /// The caller pressed a key; the room knows it as well.
    Digit(char),
    /// A part of what was sent was heard. May be left out.
    Heard {
        /// All sound that was heard so far.
        sound: Duration,
        /// Whether nothing is on its way.
        all: bool,
    },
    /// Twilio said that the stream is over.
    StreamStopped,
    /// The socket is gone without a word; the leg waits for another.
    SocketLost,
}

/// The events of one leg.
#[derive(Debug)]
pub struct LegEvents {
    events: mpsc::Receiver<LegEvent>,
}

impl LegEvents {
    /// Waits for the next one; `None` once the leg is over.
    pub async fn next(&mut self) -> Option<LegEvent> {
        self.events.recv().await
    }
}

pub(super) fn events() -> (mpsc::Sender<LegEvent>, LegEvents) {
    let (sender, events) = mpsc::channel(EVENTS);
    (sender, LegEvents { events })
}

/// Tells the owner something without waiting.
pub(super) fn tell(owner: &mpsc::Sender<LegEvent>, event: LegEvent) {
    let passing = matches!(event, LegEvent::Heard { .. });
    if passing && owner.capacity() < EVENTS / 2 {
        return;
    }
    if let Err(mpsc::error::TrySendError::Full(_)) = owner.try_send(event) {
        tracing::warn!("an event of a phone leg is lost: nobody takes them");
    }
}
