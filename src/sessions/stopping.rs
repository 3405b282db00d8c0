//! How the desk stops: drain, give up, be over.

use std::time::Instant;

/// How the desk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every session came to its own end.
    Completely,
    /// The grace period was over before these many sessions were.
    Cutting(usize),
}

/// How far the desk is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stopping {
    No,
    Draining { until: Instant },
    GivingUp { cut: usize, until: Instant },
    Over { cut: usize },
}

impl Stopping {
    pub(super) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Draining { until } | Self::GivingUp { until, .. } => Some(until),
            Self::No | Self::Over { .. } => None,
        }
    }

    pub(super) const fn is_done(self, quiet: bool) -> bool {
        match self {
            Self::No => false,
            Self::Draining { .. } | Self::GivingUp { .. } => quiet,
            Self::Over { .. } => true,
        }
    }

    pub(super) const fn result(self) -> Drained {
        match self {
            Self::GivingUp { cut, .. } | Self::Over { cut } if cut > 0 => Drained::Cutting(cut),
            Self::No | Self::Draining { .. } | Self::GivingUp { .. } | Self::Over { .. } => {
                Drained::Completely
            }
        }
    }
}
