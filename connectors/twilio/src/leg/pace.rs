//! Every 20 ms, without drift. Pure: time is an argument.

use std::time::Duration;

use tokio::time::Instant;

/// What one tick lasts.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// Ticks that were missed are caught up with, so that what is made and what is played stay equally long; not after a
/// longer pause.
const CATCH_UP: Duration = Duration::from_millis(500);

/// By so much a tick may come earlier than its schedule: nobody hears it, and a second makes up for 50 ms.
const HURRY: Duration = Duration::from_millis(1);

/// A schedule of ticks, which can stand still.
#[derive(Debug, Default)]
pub(super) struct Pace {
    next: Option<Instant>,
}

impl Pace {
    /// Begins with a tick at `first`, unless it runs.
    pub(super) fn begin(&mut self, first: Instant) {
        self.next.get_or_insert(first);
    }

    /// Lets what follows come a little earlier.
    pub(super) fn hurry(&mut self) {
        self.next = self.next.map(|next| next - HURRY);
    }

    pub(super) fn stop(&mut self) {
        self.next = None;
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.next
    }

    /// Returns the time of the next tick if it has come.
    pub(super) fn take(&mut self, now: Instant) -> Option<Instant> {
        let due = self.next.filter(|due| *due <= now)?;
        let due = if now - due > CATCH_UP { now } else { due };
        self.next = Some(due + TICK);
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stay_on_their_schedule_however_late_they_are_taken() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let at = |millis| start + Duration::from_millis(millis);

        pace.begin(start);
        pace.begin(at(7));

        assert_eq!(pace.take(at(3)), Some(start));
        assert_eq!(pace.take(at(3)), None);
        assert_eq!(pace.take(at(75)), Some(at(20)));
        assert_eq!(pace.take(at(75)), Some(at(40)));
        assert_eq!(pace.take(at(75)), Some(at(60)));
        assert_eq!(pace.take(at(75)), None);
        assert_eq!(pace.deadline(), Some(at(80)));
    }

    #[test]
    fn ticks_that_hurry_come_earlier_from_then_on() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let at = |millis| start + Duration::from_millis(millis);
        pace.begin(start);
        pace.take(start);

        pace.hurry();

        assert_eq!(pace.take(at(19)), Some(at(19)));
        assert_eq!(pace.deadline(), Some(at(39)));
    }

    #[test]
    fn after_a_long_pause_it_begins_anew() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        let late = start + Duration::from_secs(3);
        pace.begin(start);

        assert_eq!(pace.take(late), Some(late));
        assert_eq!(pace.take(late), None);
    }

    #[test]
    fn what_was_stopped_stands_still() {
        let (start, mut pace) = (Instant::now(), Pace::default());
        pace.begin(start);

        pace.stop();

        assert_eq!(pace.take(start + Duration::from_secs(1)), None);
    }
}
