//! Data packets: small, at once, to some or to all.

use bytes::Bytes;

use crate::{Identity, Topic};

/// The most bytes that one packet carries; longer things go by stream.
pub const MAX_PACKET: usize = 15_000;

/// A packet to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataPacket {
    /// What it says; at most [`MAX_PACKET`] bytes.
    pub payload: Bytes,
    /// What it is about.
    pub topic: Option<Topic>,
    /// Whether it must arrive.
    pub delivery: Delivery,
    /// Who gets it.
    pub to: Recipients,
}

impl DataPacket {
    /// A reliable packet to everybody.
    #[must_use]
    pub fn reliable(topic: Topic, payload: impl Into<Bytes>) -> Self {
        Self {
            payload: payload.into(),
            topic: Some(topic),
            delivery: Delivery::Reliable,
            to: Recipients::Everybody,
        }
    }
}

/// Whether a packet must arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Arrives, in order.
    Reliable,
    /// May be lost; never late.
    Lossy,
}

/// Who gets something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Recipients {
    /// Everybody else in the room.
    #[default]
    Everybody,
    /// These only; who is not there gets nothing.
    Only(Vec<Identity>),
}

impl Recipients {
    /// Returns whether somebody is meant.
    #[must_use]
    pub fn include(&self, who: &Identity) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(few) => few.contains(who),
        }
    }
}
