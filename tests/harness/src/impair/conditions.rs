//! What a network does to packets.

use std::time::Duration;

/// What a network does to packets, in each direction. The default does nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Conditions {
    /// The share of packets lost, 0 to 1.
    pub loss: f64,
    /// How long every packet takes.
    pub delay: Duration,
    /// How much longer or shorter than `delay` a packet takes, evenly spread; order is kept, as in a
    /// queue. Beyond `delay`, the delay is raised to it: nothing arrives before it was sent.
    pub jitter: Duration,
    /// The share of packets that is overtaken by those of the next 30 ms, 0 to 1.
    pub reordering: f64,
    /// The share of packets that arrives twice, 0 to 1.
    pub duplication: f64,
    /// Nothing passes.
    pub cut: bool,
}

impl Conditions {
    /// Returns a network that loses this share of packets.
    #[must_use]
    pub fn loss(share: f64) -> Self {
        Self {
            loss: share,
            ..Self::default()
        }
    }

    /// Returns a network on which packets take up to this much more or less than it.
    #[must_use]
    pub fn jitter(jitter: Duration) -> Self {
        Self {
            delay: jitter,
            jitter,
            ..Self::default()
        }
    }

    /// Returns a network that reorders this share of packets.
    #[must_use]
    pub fn reordering(share: f64) -> Self {
        Self {
            reordering: share,
            ..Self::default()
        }
    }

    /// Returns a network that carries nothing.
    #[must_use]
    pub fn cut() -> Self {
        Self {
            cut: true,
            ..Self::default()
        }
    }
}
