//! What is to be decoded, in order.

use super::super::packet::Payload;
use super::super::stream::FrameOrigin;

/// What to decode next. Positions and durations are in samples on the 48 kHz clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) position: u64,
    pub(super) duration: u32,
    pub(super) sound: Sound,
}

/// Where the sound of a step comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sound {
    /// An Opus frame: its own packet, or a copy in a later one.
    Frame(Payload, FrameOrigin),
    /// The in-band FEC of the frame after it.
    Fec(Payload),
    /// Nothing: the decoder makes it up.
    Concealment,
}
