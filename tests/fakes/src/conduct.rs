//! How a fake behaves: its pace, and what goes wrong.

use std::time::Duration;

/// The pace of a fake and the key it wants.
#[derive(Debug, Clone)]
pub struct Conduct {
    /// From the end of what is asked to the first byte of the answer.
    pub first: Duration,
    /// Tokens in a second; as fast as the wire takes them when there is none.
    pub tokens_per_second: Option<f64>,
    /// How much faster than it is heard sound is sent; as fast as the wire takes it when there is none.
    pub audio_speed: Option<f64>,
    /// How long a live connection may be silent before it is closed.
    pub idle: Duration,
    /// The only key that opens the door; any or none does when there is none.
    pub key: Option<String>,
    /// Whether everything is checked against the published schemas.
    pub checks: bool,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            first: Duration::ZERO,
            tokens_per_second: None,
            audio_speed: None,
            idle: Duration::from_secs(10),
            key: None,
            checks: true,
        }
    }
}

impl Conduct {
    /// Returns the time from one token to the next.
    pub(crate) fn token_gap(&self) -> Duration {
        self.tokens_per_second.map_or(Duration::ZERO, |rate| {
            Duration::try_from_secs_f64(1.0 / rate).unwrap_or_default()
        })
    }

    /// Returns how long to wait after so much sound.
    pub(crate) fn audio_gap(&self, sound: Duration) -> Duration {
        self.audio_speed.map_or(Duration::ZERO, |speed| {
            Duration::try_from_secs_f64(sound.as_secs_f64() / speed).unwrap_or_default()
        })
    }
}

/// What goes wrong with one request or connection. Pieces are tokens, blocks of sound or messages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It is refused with this status.
    Refuse {
        /// The status.
        status: u16,
        /// The vendor's code for it; a usual one when there is none.
        code: Option<String>,
        /// How many seconds to stay away.
        retry_after: Option<u64>,
    },
    /// Nothing is ever answered.
    Stall,
    /// So many pieces come, then nothing more.
    StallAfter(usize),
    /// The connection breaks before an answer.
    Reset,
    /// So many pieces come, then the connection breaks.
    ResetAfter(usize),
    /// So many pieces come, then something that is not the protocol.
    GarbageAfter(usize),
    /// So many pieces come, then an error in the protocol's own form.
    ErrorAfter(usize),
    /// All comes but the sign that it was all.
    NoEnd,
    /// One token that never ends.
    EndlessToken,
    /// Sound at another rate than was asked for, and said so.
    WrongRate,
}

impl Fault {
    /// A refusal without anything special.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Refuse {
            status,
            code: None,
            retry_after: None,
        }
    }

    /// Too many requests; come back after so many seconds.
    #[must_use]
    pub fn too_many(retry_after: u64) -> Self {
        Self::Refuse {
            status: 429,
            code: None,
            retry_after: Some(retry_after),
        }
    }
}
