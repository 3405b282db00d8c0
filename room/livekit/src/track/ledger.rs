//! How much of what was handed over is still unsent. The engine sends in real time and does not
//! tell, so it is counted. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// The engine sends at once what a live source hands over by at most so much before its turn,
const LEAD: Duration = Duration::from_millis(15);

/// and lets its turns follow the source within this time (`FrameClock` of `room-engine`: a 64th of each 20 ms).
const FOLLOWS_WITHIN: Duration = Duration::from_millis(1_280);

/// When the last sample handed over will have been sent.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    sent_at: Option<Instant>,
}

impl Ledger {
    /// Adds so much sound; returns when the engine begins to send it.
    pub(super) fn add(&mut self, now: Instant, sound: Duration) -> Instant {
        let ahead = self.queued(now);
        if ahead > LEAD {
            self.sent_at = Some(now + ahead + sound);
            return now + ahead;
        }
        let follows = ahead.mul_f32(sound.div_duration_f32(FOLLOWS_WITHIN).min(1.0));
        self.sent_at = Some(now + ahead - follows + sound);
        now
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

        assert_eq!(ledger.add(now, PIECE), now);
        assert_eq!(ledger.add(now, PIECE), now + PIECE);

        assert_eq!(ledger.queued(now), PIECE * 2);
        assert_eq!(ledger.queued(now + PIECE), PIECE);
        assert_eq!(ledger.queued(now + PIECE * 3), Duration::ZERO);
    }

    #[test]
    fn a_live_source_whose_clock_is_a_little_fast_does_not_add_up() {
        let (mut ledger, mut now) = (Ledger::default(), Instant::now());
        let second = PIECE * 50;

        // 200 ppm for an hour are 720 ms.
        for _ in 0..60 * 60 {
            for _ in 0..50 {
                assert_eq!(ledger.add(now, PIECE), now, "sent at once");
                now += PIECE;
            }
            now -= second / 5_000;
        }

        assert!(ledger.queued(now) < Duration::from_millis(1));
    }

    #[test]
    fn what_is_there_well_ahead_of_time_keeps_its_turn() {
        let (mut ledger, mut now) = (Ledger::default(), Instant::now());
        ledger.add(now, PIECE);

        for _ in 0..1_000 {
            ledger.add(now, PIECE);
            now += PIECE;
        }

        assert_eq!(ledger.queued(now), PIECE);
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
