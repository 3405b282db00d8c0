//! Whether callers are in the room, and how long their absence is borne.

use std::time::{Duration, Instant};

use super::EndReason;
use crate::config::SessionLimits;

/// A LiveKit server that lost a room gets this long until its callers are back.
const LOST_ROOM_GRACE: Duration = Duration::from_secs(15);

/// Callers of a process that has died get this long: a telephone asks for another server after a quarter of a minute.
const ADOPTED_GRACE: Duration = Duration::from_secs(20);

/// What is known of the callers of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// None has come yet.
    Expected { until: Instant },
    /// At least one is there.
    Present,
    /// All have left.
    Absent { until: Instant },
}

impl Presence {
    pub(super) fn expected(now: Instant, limits: &SessionLimits) -> Self {
        Self::Expected {
            until: now + limits.empty_timeout,
        }
    }

    /// The presence in a session that another process left behind: callers were there, or were about to come.
    pub(super) fn adopted(now: Instant) -> Self {
        Self::Absent {
            until: now + ADOPTED_GRACE,
        }
    }

    /// Returns the presence after LiveKit said how many callers are in the room.
    pub(super) fn seeing(self, now: Instant, callers: usize, limits: &SessionLimits) -> Self {
        match (self, callers) {
            (Self::Expected { .. } | Self::Present | Self::Absent { .. }, 1..) => Self::Present,
            (Self::Present, 0) => Self::Absent {
                until: now + limits.departure_grace,
            },
            (waiting @ (Self::Expected { .. } | Self::Absent { .. }), 0) => waiting,
        }
    }

    /// Returns the presence after LiveKit said that it does not know the room.
    pub(super) fn losing_the_room(self, now: Instant) -> Self {
        match self {
            Self::Present => Self::Absent {
                until: now + LOST_ROOM_GRACE,
            },
            waiting @ (Self::Expected { .. } | Self::Absent { .. }) => waiting,
        }
    }

    /// Tells whether nobody has come yet.
    pub(super) const fn is_expecting(self) -> bool {
        matches!(self, Self::Expected { .. })
    }

    pub(super) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Expected { until } | Self::Absent { until } => Some(until),
            Self::Present => None,
        }
    }

    /// Tells why the session is over, if it is.
    pub(super) fn verdict(self, now: Instant) -> Option<EndReason> {
        match self {
            Self::Expected { until } if until <= now => Some(EndReason::Timeout),
            Self::Absent { until } if until <= now => Some(EndReason::CallerLeft),
            Self::Expected { .. } | Self::Absent { .. } | Self::Present => None,
        }
    }
}
