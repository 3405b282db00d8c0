//! One leg of an escalation: whom it leads to, and how far it has come. Pure.

use std::fmt;
use std::time::Instant;

/// Tells the legs of one escalation apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LegId(pub(super) u32);

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whom a leg leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callee {
    /// The caller's own telephone.
    Visitor,
    /// A contact.
    Contact {
        /// Which.
        contact: usize,
        /// In which way.
        way: usize,
    },
}

/// A leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leg {
    /// Whom it leads to.
    pub(super) callee: Callee,
    /// How far it has come.
    pub(super) stage: Stage,
}

/// How far a leg has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It rings.
    Ringing { until: Instant },
    /// A contact was told what it is about and is thinking.
    Asked { until: Instant },
    /// They are in the conversation.
    In,
    /// It is being ended.
    Leaving { until: Instant },
    /// It is over.
    Gone,
}

impl Stage {
    pub(super) fn until(self) -> Option<Instant> {
        match self {
            Self::Ringing { until } | Self::Asked { until } | Self::Leaving { until } => {
                Some(until)
            }
            Self::In | Self::Gone => None,
        }
    }
}

impl Leg {
    pub(super) fn is_contact(&self) -> bool {
        matches!(self.callee, Callee::Contact { .. })
    }

    /// Tells whether something may still come of it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Ringing { .. } | Stage::Asked { .. })
    }
}
