//! A data channel as the application sees it.

pub(crate) mod outbox;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use parking_lot::Mutex;

use crate::handler::{Handler, Slot};
use crate::link::Link;
use outbox::Outbox;

/// How a channel delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataChannelConfig {
    /// Whether messages arrive in the order they were sent.
    pub ordered: bool,
    /// How long a lost message is repeated.
    pub reliability: ChannelReliability,
    /// Name of the protocol spoken on the channel, for the application's use.
    pub protocol: String,
    /// SCTP stream both sides agreed on beforehand. `None` opens the channel in band.
    pub negotiated: Option<u16>,
}

impl Default for DataChannelConfig {
    fn default() -> Self {
        Self {
            ordered: true,
            reliability: ChannelReliability::Reliable,
            protocol: String::new(),
            negotiated: None,
        }
    }
}

/// How long a lost message is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelReliability {
    /// Until it arrives.
    Reliable,
    /// At most this many times.
    MaxRetransmits(u16),
    /// For at most this many milliseconds.
    MaxLifetimeMs(u16),
}

/// State of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelState {
    /// Not usable yet.
    Connecting,
    /// Messages can be sent.
    Open,
    /// Being closed; nothing can be sent any more.
    Closing,
    /// Closed by either side, or with its connection. Final.
    Closed,
}

/// One message of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The bytes; valid UTF-8 is not promised for text that comes from the peer.
    pub data: Vec<u8>,
    /// Whether the sender called it binary rather than text.
    pub binary: bool,
}

/// Why a message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Wait for the state to become open, or give up when it is closed.
    #[error("data channel is not open")]
    NotOpen,
    /// Wait until the buffered amount has fallen.
    #[error("data channel has too much waiting to be sent")]
    Full,
    /// Send at least one byte: SCTP carries no empty messages, and the usual stand-in for one is
    /// not available here.
    #[error("data message is empty")]
    Empty,
    /// Send it in pieces of 256 KiB or less.
    #[error("data message is too large")]
    TooLarge,
}

/// A handle to a data channel. Clones are the same channel.
#[derive(Clone)]
pub struct DataChannel(Arc<Inner>);

struct Inner {
    label: String,
    config: DataChannelConfig,
    /// SCTP stream, [`NO_STREAM`] while unknown.
    stream: AtomicU16,
    state: Mutex<ChannelState>,
    outbox: Mutex<Outbox>,
    link: Link,
    handlers: Handlers,
}

#[derive(Default)]
struct Handlers {
    state: Slot<ChannelState>,
    message: Slot<Message>,
    sent: Slot<u64>,
}

/// What peers take in one piece unless they say otherwise.
const MAX_MESSAGE: usize = 256 << 10;

/// Not a valid stream: RFC 8832 reserves it.
const NO_STREAM: u16 = u16::MAX;

impl DataChannel {
    pub(crate) fn new(label: String, config: DataChannelConfig, link: Link) -> Self {
        let stream = AtomicU16::new(config.negotiated.unwrap_or(NO_STREAM));
        Self(Arc::new(Inner {
            label,
            config,
            stream,
            state: Mutex::new(ChannelState::Connecting),
            outbox: Mutex::default(),
            link,
            handlers: Handlers::default(),
        }))
    }

    /// Takes a message for sending; never waits.
    ///
    /// # Errors
    ///
    /// [`SendError::NotOpen`] before the channel is open and after it was closed,
    /// [`SendError::Full`] when 16 MiB wait already, [`SendError::Empty`] and
    /// [`SendError::TooLarge`] for messages of no byte or of more than 256 KiB.
    pub fn send(&self, message: Message) -> Result<(), SendError> {
        match message.data.len() {
            0 => return Err(SendError::Empty),
            1..=MAX_MESSAGE => {}
            _ => return Err(SendError::TooLarge),
        }
        if self.state() != ChannelState::Open {
            return Err(SendError::NotOpen);
        }
        self.0.outbox.lock().push(message)?;
        self.0.link.filled.notify_one();
        Ok(())
    }

    /// Returns the SCTP stream of the channel, once it is known.
    #[must_use]
    pub fn stream(&self) -> Option<u16> {
        Some(self.0.stream.load(Ordering::Acquire)).filter(|stream| *stream != NO_STREAM)
    }

    /// Returns the name given by whoever created the channel.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// Returns the state of the channel.
    #[must_use]
    pub fn state(&self) -> ChannelState {
        *self.0.state.lock()
    }

    /// Returns how many bytes were taken and are not yet acknowledged by the peer.
    #[must_use]
    pub fn buffered_amount(&self) -> u64 {
        self.0.outbox.lock().outstanding()
    }

    /// Closes the channel. What was not sent yet is thrown away.
    pub fn close(&self) {
        {
            let mut state = self.0.state.lock();
            if matches!(*state, ChannelState::Closing | ChannelState::Closed) {
                return;
            }
            *state = ChannelState::Closing;
        }
        self.0.link.changed.notify_one();
    }

    /// Sets what is called when the state changes.
    pub fn on_state_change(&self, handler: Option<Handler<ChannelState>>) {
        self.0.handlers.state.set(handler);
    }

    /// Sets what is called for each message of the peer.
    pub fn on_message(&self, handler: Option<Handler<Message>>) {
        self.0.handlers.message.set(handler);
    }

    /// Sets what is called with the number of bytes that the peer has acknowledged, or that were
    /// given up on an unreliable channel. The numbers add up to what was sent.
    pub fn on_sent(&self, handler: Option<Handler<u64>>) {
        self.0.handlers.sent.set(handler);
    }

    pub(crate) fn config(&self) -> &DataChannelConfig {
        &self.0.config
    }

    pub(crate) fn outbox(&self) -> parking_lot::MutexGuard<'_, Outbox> {
        self.0.outbox.lock()
    }

    pub(crate) fn set_stream(&self, stream: u16) {
        self.0.stream.store(stream, Ordering::Release);
    }

    /// Moves to `state` and says whether that is a change. Closing and closed are never left for
    /// an earlier state.
    pub(crate) fn enter(&self, state: ChannelState) -> bool {
        let mut current = self.0.state.lock();
        let is_forward = (state as u8) > (*current as u8);
        if is_forward {
            *current = state;
        }
        is_forward
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state() == ChannelState::Closed
    }

    /// Whether the channel is usable now or may become so.
    pub(crate) fn is_alive(&self) -> bool {
        matches!(self.state(), ChannelState::Connecting | ChannelState::Open)
    }

    pub(crate) fn report_state(&self, state: ChannelState) {
        self.0.handlers.state.call(state);
    }

    pub(crate) fn report_message(&self, message: Message) {
        self.0.handlers.message.call(message);
    }

    pub(crate) fn report_sent(&self, bytes: u64) {
        self.0.handlers.sent.call(bytes);
    }

    /// Lets go of the callbacks and of what they captured.
    pub(crate) fn forget_handlers(&self) {
        self.on_state_change(None);
        self.on_message(None);
        self.on_sent(None);
    }
}

impl fmt::Debug for DataChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataChannel")
            .field("label", &self.0.label)
            .field("state", &self.state())
            .finish()
    }
}
