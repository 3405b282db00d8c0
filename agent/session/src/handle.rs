//! Reaches into a conversation from outside.

use tokio::sync::{broadcast, mpsc};

use crate::Event;

/// Commands that wait to be carried out; when it is full the one who commands is told so.
pub const COMMANDS: usize = 32;

/// Events that wait to be taken; one who is slower than this is told how many were lost.
pub const EVENTS: usize = 256;

/// A conversation, from outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::Sender<Command>,
    events: broadcast::Sender<Event>,
}

/// What can be asked of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Say(String),
    Note(String),
    Switch(Switch),
    HangUp,
}

/// Whether the agent takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// It speaks and listens.
    On,
    /// It is silent. It sends nothing to a provider unless its profile says `listen_while_off`.
    Off,
}

/// A command was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandleError {
    /// Too many wait already: try again in a moment.
    #[error("the conversation is busy")]
    Busy,
    /// The conversation is over: forget it.
    #[error("the conversation is over")]
    Over,
}

impl Handle {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Command>) {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let (events, _) = broadcast::channel(EVENTS);
        (Self { commands, events }, inbox)
    }

    /// Has the agent say something as soon as it is its turn.
    ///
    /// # Errors
    /// [`HandleError`] says whether to try again.
    pub fn say(&self, text: impl Into<String>) -> Result<(), HandleError> {
        self.command(Command::Say(text.into()))
    }

    /// Tells the agent, and nobody else, what it should know from here on.
    ///
    /// # Errors
    /// [`HandleError`] says whether to try again.
    pub fn note(&self, text: impl Into<String>) -> Result<(), HandleError> {
        self.command(Command::Note(text.into()))
    }

    /// Switches the agent off or on; it stays in the room.
    ///
    /// # Errors
    /// [`HandleError`] says whether to try again.
    pub fn switch(&self, to: Switch) -> Result<(), HandleError> {
        self.command(Command::Switch(to))
    }

    /// Has the agent say goodbye and leave.
    ///
    /// # Errors
    /// [`HandleError`] says whether to try again.
    pub fn hang_up(&self) -> Result<(), HandleError> {
        self.command(Command::HangUp)
    }

    /// Returns what happens from here on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    pub(crate) fn tell(&self, event: Event) {
        // Nobody watching is as good as somebody.
        let _ = self.events.send(event);
    }

    fn command(&self, command: Command) -> Result<(), HandleError> {
        self.commands
            .try_send(command)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => HandleError::Busy,
                mpsc::error::TrySendError::Closed(_) => HandleError::Over,
            })
    }
}
