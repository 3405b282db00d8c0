//! When to look at a room: after a hint at once, otherwise every few seconds.

use std::time::{Duration, Instant};

/// Webhooks may be lost: what LiveKit says is asked for at least this often.
const PERIOD: Duration = Duration::from_secs(5);

/// The rhythm of looking at one room. At most one look is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// The next look is due at this time.
    Idle { next: Instant },
    /// A look is under way.
    Looking { again: Again },
}

/// Whether something happened while the look was under way, so that its answer may be stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Yes,
    No,
}

impl Sight {
    pub(super) fn new(now: Instant) -> Self {
        Self::Idle { next: now + PERIOD }
    }

    /// Something may have changed; answers whether to look now.
    pub(super) fn handle_hint(&mut self) -> bool {
        let look = matches!(self, Self::Idle { .. });
        *self = Self::Looking {
            again: if look { Again::No } else { Again::Yes },
        };
        look
    }

    /// A look is over; answers whether to look again now.
    pub(super) fn handle_seen(&mut self, now: Instant) -> bool {
        let again = matches!(self, Self::Looking { again: Again::Yes });
        *self = if again {
            Self::Looking { again: Again::No }
        } else {
            Self::new(now)
        };
        again
    }

    /// The next look is due by then.
    pub(super) fn hurry(&mut self, by: Instant) {
        if let Self::Idle { next } = self {
            *next = by.min(*next);
        }
    }

    pub(super) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Idle { next } => Some(next),
            Self::Looking { .. } => None,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        self.deadline().is_some_and(|next| next <= now) && self.handle_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_during_a_look_lead_to_exactly_one_more() {
        let now = Instant::now();
        let mut sight = Sight::new(now);

        assert!(sight.handle_hint());
        assert!(!sight.handle_hint());
        assert!(!sight.handle_hint());
        assert!(sight.handle_seen(now));
        assert!(!sight.handle_seen(now));
        assert_eq!(sight.deadline(), Some(now + PERIOD));
    }

    #[test]
    fn without_a_hint_a_room_is_looked_at_every_five_seconds() {
        let now = Instant::now();
        let mut sight = Sight::new(now);

        assert!(!sight.handle_timeout(now + PERIOD - Duration::from_millis(1)));
        assert!(sight.handle_timeout(now + PERIOD));
    }
}
