//! The events of one guest, kept so that a test can ask what has happened and wait for what has not.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use livekit::RoomEvent;
use tokio::sync::watch;

/// All events of one guest, in order.
pub(crate) struct History {
    events: Mutex<Vec<(Instant, RoomEvent)>>,
    count: watch::Sender<usize>,
}

impl History {
    pub(crate) fn new() -> Self {
        Self {
            events: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    /// Adds what has just happened.
    pub(crate) fn add(&self, event: RoomEvent) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push((Instant::now(), event));
        self.count.send_replace(events.len());
    }

    /// Returns how much has happened so far.
    pub(crate) fn len(&self) -> usize {
        *self.count.borrow()
    }

    /// Returns what `pick` takes from the events after the first `skip`, with their times.
    pub(crate) fn pick<T>(
        &self,
        skip: usize,
        pick: impl Fn(&RoomEvent) -> Option<T>,
    ) -> Vec<(Instant, T)> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let later = events.iter().skip(skip);
        later
            .filter_map(|(at, event)| pick(event).map(|picked| (*at, picked)))
            .collect()
    }

    /// Waits for the first event after the first `skip` from which `pick` takes something.
    pub(crate) async fn first<T>(
        &self,
        skip: usize,
        pick: impl Fn(&RoomEvent) -> Option<T>,
    ) -> (Instant, T) {
        let mut count = self.count.subscribe();
        loop {
            count.borrow_and_update();
            if let Some(found) = self.pick(skip, &pick).into_iter().next() {
                return found;
            }
            // Cannot fail: the sender is ours and lives as long as this call.
            let _ = count.changed().await;
        }
    }
}
