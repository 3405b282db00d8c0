//! Why a leg is over.

use room_contract::Ended;

/// Why a leg is over. It has left its room then, and its socket is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegEnd {
    /// Its owner stopped it.
    Stopped,
    /// Its owner had it hang up, and what was sent before was heard, or the deadline has passed.
    HungUp,
    /// Twilio said that the stream is over: the call ended, or goes on elsewhere.
    CallOver,
    /// No socket came, or came back, in time.
    NoSocket,
    /// The room is over for it.
    Room(Ended),
    /// The socket did not keep to the protocol.
    Refused(Breach),
}

/// What a socket did that no socket of Twilio's does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Breach {
    /// It sent a frame that is longer than [`MAX_FRAME`](crate::media::MAX_FRAME).
    #[error("a frame was too long")]
    TooLong,
    /// It sent too many frames that are not messages.
    #[error("too many frames were not messages")]
    Garbled,
    /// It sent too many messages of another stream.
    #[error("too many messages were another stream's")]
    WrongStream,
    /// It sent too many marks back that it had not been sent.
    #[error("too many marks came back that were never sent")]
    Marks,
    /// It sent far more messages than a call has.
    #[error("messages came too fast")]
    TooFast,
}
