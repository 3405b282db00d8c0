//! Errors, named after what the caller does next.

use std::time::Duration;

/// A source of an error, whatever it is.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A call to the room service failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// Overloaded, unreachable, or past its deadline: try again later.
    #[error("the room service is unavailable")]
    Unavailable(#[source] BoxError),
    /// What the call is about is not there: forget it.
    #[error("no such room, participant or track")]
    Gone,
    /// The keys or the request are wrong: trying again cannot help, mend the configuration.
    #[error("the room service refused the request")]
    Refused(#[source] BoxError),
    /// The answer made no sense: this is not a room service, mend the address.
    #[error("the room service answered something unreadable")]
    Garbled(#[source] BoxError),
}

/// Joining failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Unreachable, or past its deadline: try again with the same token.
    #[error("the room service is unavailable")]
    Unavailable(#[source] BoxError),
    /// The token is not (or no longer) valid: get a new one.
    #[error("the token was refused")]
    TokenRefused(#[source] BoxError),
    /// There is no such room and it may not be opened by joining: give up.
    #[error("there is no such room")]
    NoSuchRoom,
    /// The room has as many participants as it takes: tell the caller.
    #[error("the room is full")]
    Full,
    /// The answer made no sense: this is not a room service, mend the address.
    #[error("the room service answered something unreadable")]
    Garbled(#[source] BoxError),
}

/// Something within a room failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoomError {
    /// The connection is being restored, or the call is past its deadline: try again.
    #[error("the room cannot be reached for the moment")]
    Unavailable(#[source] BoxError),
    /// The room, participant or track is no more: let go of it.
    #[error("it is not there any more")]
    Gone,
    /// Not allowed, or beyond a limit: trying again cannot help.
    #[error("the room refused it: {0}")]
    Refused(String),
}

/// Handing over samples failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The samples do not fill whole frames of 10 ms: hand over others.
    #[error("the samples do not fill whole frames of 10 ms")]
    Format,
    /// The track or the room is no more: stop.
    #[error("the track is not published any more")]
    Gone,
}

/// A stream broke.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The other side, or the room, is gone; what came so far is all.
    #[error("the stream broke off")]
    BrokeOff,
    /// It was closed before: a fault of the writer.
    #[error("the stream is closed")]
    Closed,
    /// Nothing came, or nothing could be sent, within the deadline: let go of it.
    #[error("the stream stood still for {0:?}")]
    Stalled(Duration),
    /// It is longer than the reader takes: let go of it.
    #[error("the stream is longer than wanted")]
    TooLong,
    /// What came is not what a stream is: let go of it.
    #[error("the stream is garbled")]
    Garbled,
    /// Not allowed: trying again cannot help.
    #[error("the room refused the stream: {0}")]
    Refused(String),
}

/// An answer of a method that is an error; travels to the caller as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} ({code})")]
pub struct RpcError {
    /// The application's own code, outside 1001 to 1999.
    pub code: u32,
    /// What went wrong, at most 256 bytes.
    pub message: String,
    /// Anything else, often JSON.
    pub data: Option<String>,
}

/// A webhook was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// Not signed by the room service, or not for this body, or too old: answer 401.
    #[error("the webhook's signature is wrong")]
    Forged(#[source] BoxError),
    /// Signed, but not readable: answer 400.
    #[error("the webhook cannot be read")]
    Unreadable(#[source] BoxError),
}
