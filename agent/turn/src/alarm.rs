//! One look at the time: what is due, and when to look again.

use std::time::Instant;

/// Answers whether moments have come, and remembers the next one that has not.
#[derive(Debug)]
pub(crate) struct Alarm {
    now: Instant,
    next: Option<Instant>,
}

impl Alarm {
    pub(crate) fn at(now: Instant) -> Self {
        Self { now, next: None }
    }

    pub(crate) fn now(&self) -> Instant {
        self.now
    }

    /// Returns whether the moment has come; asks to be woken then otherwise.
    pub(crate) fn is_due(&mut self, moment: Instant) -> bool {
        if moment <= self.now {
            return true;
        }
        self.next = Some(self.next.map_or(moment, |next| next.min(moment)));
        false
    }

    /// Returns the nearest moment that was asked for and has not come.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.next
    }
}
