//! How patient a chain is.

use std::time::Duration;

/// Deadlines of one port, and whether a second provider is kept warm.
///
/// They hold while somebody else could take over. The last in line has [`patience`](Self::patience).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Until a provider is ready. What follows a request waits for it as part of `first`.
    pub open: Duration,
    /// Until the first piece.
    pub first: Duration,
    /// Between two pieces.
    pub between: Duration,
    /// For the last in line: slow is better than nothing.
    pub patience: Duration,
    /// Whether the second in line is ready before it is needed.
    pub warmth: Warmth,
}

/// Whether the second in line is ready before it is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warmth {
    /// It is asked when it is needed.
    Cold,
    /// A transcriber or speaker is connected from the start, unused; a thinker is asked as well when the first has said
    /// nothing for this long, and who speaks first wins.
    Warm {
        /// For a thinker.
        after: Duration,
    },
}

impl Default for Settings {
    /// Returns deadlines that leave room within 1.5 s of silence for the next one to speak.
    fn default() -> Self {
        Self {
            open: Duration::from_millis(700),
            first: Duration::from_millis(850),
            between: Duration::from_millis(850),
            patience: Duration::from_secs(10),
            warmth: Warmth::Cold,
        }
    }
}

impl Settings {
    /// Returns the deadlines that a warm second allows: tighter, because a switch costs less.
    #[must_use]
    pub fn warm() -> Self {
        Self {
            open: Duration::from_millis(500),
            first: Duration::from_millis(700),
            between: Duration::from_millis(700),
            warmth: Warmth::Warm {
                after: Duration::from_millis(350),
            },
            ..Self::default()
        }
    }
}
