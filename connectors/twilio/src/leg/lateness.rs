//! How late a machine wakes those who sleep. Time is an argument, and no leg waits for another.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::time::Instant;

/// What is remembered lasts for one to two of these.
const PERIOD: Duration = Duration::from_secs(15);

/// The greatest lateness of the last 15 to 30 s; all legs of a machine share one.
#[derive(Debug)]
pub struct Lateness {
    since: Instant,
    /// One of an even period and one of an odd one: its number above, microseconds below. A later period's value is
    /// greater than any of an earlier one.
    worst: [AtomicU64; 2],
}

impl Default for Lateness {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            worst: [AtomicU64::new(0), AtomicU64::new(0)],
        }
    }
}

impl Lateness {
    /// Takes in that somebody was woken so `late`.
    pub fn note(&self, now: Instant, late: Duration) {
        let period = self.period(now);
        let micros = u32::try_from(late.as_micros()).unwrap_or(u32::MAX);
        let value = u64::from(period) << 32 | u64::from(micros);
        self.cell(period).fetch_max(value, Ordering::Relaxed);
    }

    /// Returns the greatest lateness that is remembered.
    #[must_use]
    pub fn worst(&self, now: Instant) -> Duration {
        let period = self.period(now);
        self.of(period).max(self.of(period.wrapping_sub(1)))
    }

    fn of(&self, period: u32) -> Duration {
        let value = self.cell(period).load(Ordering::Relaxed);
        if value >> 32 == u64::from(period) {
            Duration::from_micros(value & u64::from(u32::MAX))
        } else {
            Duration::ZERO
        }
    }

    fn period(&self, now: Instant) -> u32 {
        let periods = now.saturating_duration_since(self.since).as_secs() / PERIOD.as_secs();
        u32::try_from(periods).unwrap_or(u32::MAX)
    }

    fn cell(&self, period: u32) -> &AtomicU64 {
        &self.worst[usize::from(!period.is_multiple_of(2))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_the_last_15_to_30_seconds_is_remembered() {
        let lateness = Lateness::default();
        let at = |secs| lateness.since + Duration::from_secs(secs);
        let ms = Duration::from_millis;

        lateness.note(at(1), ms(30));
        lateness.note(at(2), ms(4));
        let at_once = lateness.worst(at(2));
        lateness.note(at(16), ms(9));
        let [later, later_still, at_last] = [29, 31, 46].map(|secs| lateness.worst(at(secs)));

        assert_eq!(at_once, ms(30));
        assert_eq!([later, later_still, at_last], [ms(30), ms(9), ms(0)]);
    }
}
