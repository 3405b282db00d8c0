//! Data channels.

use std::fmt;
use std::str::Utf8Error;

use room_engine::{ChannelReliability, ChannelState, DataChannelConfig, Message};

use crate::rtp_parameters::Priority;

/// What a new channel starts with.
#[derive(Clone, Debug)]
pub struct DataChannelInit {
    /// Whether messages arrive in order.
    pub ordered: bool,
    /// How long a lost message is repeated, in milliseconds.
    pub max_retransmit_time: Option<i32>,
    /// How often a lost message is repeated.
    pub max_retransmits: Option<i32>,
    /// Protocol spoken on the channel.
    pub protocol: String,
    /// Whether both sides agreed on `id` beforehand.
    pub negotiated: bool,
    /// SCTP stream of a negotiated channel.
    pub id: i32,
    /// Not used.
    pub priority: Option<Priority>,
}

impl Default for DataChannelInit {
    fn default() -> Self {
        Self {
            ordered: true,
            max_retransmit_time: None,
            max_retransmits: None,
            protocol: String::new(),
            negotiated: false,
            id: -1,
            priority: None,
        }
    }
}

impl From<DataChannelInit> for DataChannelConfig {
    fn from(init: DataChannelInit) -> Self {
        let bounded = |value: i32| u16::try_from(value.max(0)).unwrap_or(u16::MAX);
        let reliability = match (init.max_retransmits, init.max_retransmit_time) {
            (Some(times), _) => ChannelReliability::MaxRetransmits(bounded(times)),
            (None, Some(millis)) => ChannelReliability::MaxLifetimeMs(bounded(millis)),
            (None, None) => ChannelReliability::Reliable,
        };
        let negotiated = init.negotiated.then(|| bounded(init.id));
        Self {
            ordered: init.ordered,
            reliability,
            protocol: init.protocol,
            negotiated,
        }
    }
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DataChannelError {
    /// The channel is not open, or too much waits on it.
    #[error("failed to send data, dc not open? send buffer is full ?")]
    Send,
    /// The text is not UTF-8.
    #[error("only utf8 strings can be sent")]
    Utf8(#[from] Utf8Error),
}

/// State of a channel.
#[derive(Debug, Copy, Clone, PartialEq, Eq)]
pub enum DataChannelState {
    /// Not usable yet.
    Connecting,
    /// Messages can be sent.
    Open,
    /// Being closed.
    Closing,
    /// Closed.
    Closed,
}

impl From<ChannelState> for DataChannelState {
    fn from(state: ChannelState) -> Self {
        match state {
            ChannelState::Connecting => Self::Connecting,
            ChannelState::Open => Self::Open,
            ChannelState::Closing => Self::Closing,
            ChannelState::Closed => Self::Closed,
        }
    }
}

/// One received message.
#[derive(Debug)]
pub struct DataBuffer<'a> {
    /// Its bytes.
    pub data: &'a [u8],
    /// Whether it is binary rather than text.
    pub binary: bool,
}

/// Called when the state changes.
pub type OnStateChange = Box<dyn FnMut(DataChannelState) + Send + Sync>;
/// Called for each message.
pub type OnMessage = Box<dyn FnMut(DataBuffer<'_>) + Send + Sync>;
/// Called with the number of bytes that went out.
pub type OnBufferedAmountChange = Box<dyn FnMut(u64) + Send + Sync>;

/// A data channel. Clones are the same channel.
#[derive(Clone)]
pub struct DataChannel(pub(crate) room_engine::DataChannel);

impl DataChannel {
    /// Takes a message for sending.
    ///
    /// # Errors
    ///
    /// When the channel is not open, too much waits on it, or text is not UTF-8.
    pub fn send(&self, data: &[u8], binary: bool) -> Result<(), DataChannelError> {
        if !binary {
            std::str::from_utf8(data)?;
        }
        let message = Message {
            data: data.to_vec(),
            binary,
        };
        self.0.send(message).map_err(|_| DataChannelError::Send)
    }

    /// Returns the SCTP stream, -1 while unknown.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.0.stream().map_or(-1, i32::from)
    }

    /// Returns the name of the channel.
    #[must_use]
    pub fn label(&self) -> String {
        self.0.label().to_owned()
    }

    /// Returns the state of the channel.
    #[must_use]
    pub fn state(&self) -> DataChannelState {
        self.0.state().into()
    }

    /// Closes the channel.
    pub fn close(&self) {
        self.0.close();
    }

    /// Returns the bytes that were taken and are not through yet.
    #[must_use]
    pub fn buffered_amount(&self) -> u64 {
        self.0.buffered_amount()
    }

    /// Sets what is called when the state changes.
    pub fn on_state_change(&self, callback: Option<OnStateChange>) {
        self.0.on_state_change(
            callback.map(|mut call| Box::new(move |state: ChannelState| call(state.into())) as _),
        );
    }

    /// Sets what is called for each message.
    pub fn on_message(&self, callback: Option<OnMessage>) {
        self.0.on_message(callback.map(|mut call| {
            Box::new(move |message: Message| {
                call(DataBuffer {
                    data: &message.data,
                    binary: message.binary,
                });
            }) as _
        }));
    }

    /// Sets what is called with the number of bytes that went out.
    pub fn on_buffered_amount_change(&self, callback: Option<OnBufferedAmountChange>) {
        self.0.on_sent(callback.map(|call| call as _));
    }
}

impl fmt::Debug for DataChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataChannel")
            .field("label", &self.label())
            .field("state", &self.state())
            .finish()
    }
}
