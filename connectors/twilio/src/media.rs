//! What is said on a media socket: text frames of JSON, one message each, sound as base64 of μ-law at 8 kHz.
//!
//! See <https://www.twilio.com/docs/voice/media-streams/websocket-messages>.

mod incoming;
mod outgoing;

pub use self::{
    incoming::{FrameError, Incoming, MAX_FRAME, Media, MediaFormat, Start},
    outgoing::{write_clear, write_mark, write_media},
};

/// Samples per second of every stream.
pub const RATE: u32 = 8_000;

/// Bytes of 20 ms, which is what one message holds as a rule.
pub const FRAME: usize = 160;
