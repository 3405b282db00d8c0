//! Closes rooms that nobody keeps open.

use std::{
    future::pending,
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::{hall::Hall, service::Service};
use crate::Ended;

/// What decides when a room closes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occupancy {
    /// When it was opened.
    pub(super) opened: Instant,
    /// When the last one who kept it open left; `None` while nobody came.
    pub(super) left: Option<Instant>,
    /// Whether somebody is there who keeps it open.
    pub(super) kept_open: bool,
    /// How long it waits for the first.
    pub(super) empty_timeout: Duration,
    /// How long it waits after the last.
    pub(super) departure_timeout: Duration,
}

impl Occupancy {
    /// Returns when the room closes, if nobody comes.
    pub(super) fn deadline(self) -> Option<Instant> {
        match (self.kept_open, self.left) {
            (true, _) => None,
            (false, Some(left)) => Some(left + self.departure_timeout),
            (false, None) => Some(self.opened + self.empty_timeout),
        }
    }
}

/// Watches one room until it is closed.
pub(super) async fn keep(service: Weak<Service>, hall: Arc<Hall>) {
    loop {
        let deadline = hall.occupancy().deadline();
        tokio::select! {
            biased;
            () = hall.closed.cancelled() => return,
            () = hall.changed.notified() => {}
            () = reached(deadline) => {
                let Some(service) = service.upgrade() else { return };
                service.close(&hall, Ended::RoomClosed);
            }
        }
    }
}

async fn reached(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occupancy(opened: Instant) -> Occupancy {
        Occupancy {
            opened,
            left: None,
            kept_open: false,
            empty_timeout: Duration::from_secs(300),
            departure_timeout: Duration::from_secs(20),
        }
    }

    #[test]
    fn a_room_that_nobody_entered_closes_after_the_empty_timeout() {
        let now = Instant::now();

        assert_eq!(
            occupancy(now).deadline(),
            Some(now + Duration::from_secs(300))
        );
    }

    #[test]
    fn a_room_that_was_left_closes_after_the_departure_timeout() {
        let now = Instant::now();
        let left = now + Duration::from_secs(50);

        let deadline = Occupancy {
            left: Some(left),
            ..occupancy(now)
        }
        .deadline();

        assert_eq!(deadline, Some(left + Duration::from_secs(20)));
    }

    #[test]
    fn a_room_with_somebody_inside_stays_open() {
        let kept = Occupancy {
            kept_open: true,
            ..occupancy(Instant::now())
        };

        assert_eq!(kept.deadline(), None);
    }
}
