//! How long each call may take at most. Past it an implementation answers with its
//! "unreachable" error; no caller needs a timeout of its own.

use std::time::Duration;

/// One call of [`Rooms`](crate::Rooms) except `join`.
pub const SERVICE: Duration = Duration::from_secs(5);

/// [`Rooms::join`](crate::Rooms::join), with the server's own retries.
pub const JOIN: Duration = Duration::from_secs(10);

/// [`Room::publish`](crate::Room::publish) and unpublishing: one negotiation.
pub const PUBLISH: Duration = Duration::from_secs(10);

/// Sending one packet or one piece of a stream, or changing one's own attributes.
pub const SEND: Duration = Duration::from_secs(5);

/// A lost connection comes back within this time, or ends.
pub const RECONNECT: Duration = Duration::from_secs(60);

/// The next piece of an open stream. A sender that is silent for longer has gone.
pub const STREAM_SILENCE: Duration = Duration::from_secs(60);

/// [`Room::leave`](crate::Room::leave): past it the connection is dropped unsaid.
pub const LEAVE: Duration = Duration::from_secs(3);
