//! How much of what was handed over is still unsent. The engine sends in real time and does not
//! tell, so it is counted. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// When the last sample handed over will have been sent.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sent_at: Option<Instant>,
}

impl Ledger {
    /// Adds so much sound.
    pub(super) fn add(&mut self, now: Instant, sound: Duration) {
        let begins = self.sent_at.map_or(now, |sent_at| sent_at.max(now));
        self.sent_at = Some(begins + sound);
    }

    /// Forgets what is unsent.
    pub(super) fn clear(&mut self, now: Instant) {
        self.sent_at = self.sent_at.map(|sent_at| sent_at.min(now));
    }

    /// Returns how much is unsent.
    pub(super) fn queued(&self, now: Instant) -> Duration {
        self.sent_at.map_or(Duration::ZERO, |sent_at| {
            sent_at.saturating_duration_since(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: Duration = Duration::from_millis(20);

    #[test]
    fn what_is_handed_over_at_once_adds_up() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());

        ledger.add(now, PIECE);
        ledger.add(now, PIECE);

        assert_eq!(ledger.queued(now), PIECE * 2);
        assert_eq!(ledger.queued(now + PIECE), PIECE);
        assert_eq!(ledger.queued(now + PIECE * 3), Duration::ZERO);
    }

    #[test]
    fn after_a_pause_the_count_begins_anew() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        ledger.add(now, PIECE);

        let later = now + Duration::from_secs(5);
        ledger.add(later, PIECE);

        assert_eq!(ledger.queued(later), PIECE);
    }

    #[test]
    fn clearing_leaves_nothing() {
        let (mut ledger, now) = (Ledger::default(), Instant::now());
        ledger.add(now, Duration::from_secs(1));

        ledger.clear(now + PIECE);

        assert_eq!(ledger.queued(now + PIECE), Duration::ZERO);
    }
}
