//! How a stub misbehaves, and how slow it is.

use std::time::Duration;

/// What a stub does wrong. A piece is a token, 20 ms of sound, or a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It cannot be reached, and may say when to come back.
    Unavailable(Option<Duration>),
    /// It does not take the request.
    Rejects,
    /// It does not take the account.
    Account,
    /// It is never ready.
    StallOpening,
    /// After so many pieces nothing more comes; 0 is a stall before the first.
    StallAt(usize),
    /// After so many pieces the connection is gone.
    ResetAt(usize),
    /// After so many pieces comes nonsense.
    GarbageAt(usize),
    /// After so many pieces it ends without a word.
    CloseAt(usize),
    /// When all was said it says the last piece again and again.
    Endless,
    /// It speaks at half the rate that it promised.
    WrongRate,
}

/// How long a stub takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// Until it is ready.
    pub open: Duration,
    /// From being asked until the first piece.
    pub first: Duration,
    /// Between two pieces.
    pub between: Duration,
}

impl Pace {
    /// Returns a pace with a delay before the first piece alone.
    #[must_use]
    pub fn first(first: Duration) -> Self {
        Self {
            first,
            ..Self::default()
        }
    }
}
