//! What all rooms in memory share.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Reachable, hall::Hall, hooks::Hooks, keeper, tickets::Tickets};
use crate::{Ended, NewRoom, Occurrence, RoomName, ServiceError};

/// The rooms, the tokens, the webhooks, and whatever runs for them.
pub(super) struct Service {
    pub(super) tickets: Tickets,
    pub(super) hooks: Arc<Hooks>,
    /// Keepers of rooms and pumps of tracks.
    pub(super) tasks: TaskTracker,
    stop: CancellationToken,
    unreachable: AtomicBool,
    halls: Mutex<BTreeMap<RoomName, Arc<Hall>>>,
}

impl Service {
    pub(super) fn new() -> Self {
        Self {
            tickets: Tickets::default(),
            hooks: Arc::new(Hooks::new()),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            unreachable: AtomicBool::new(false),
            halls: Mutex::new(BTreeMap::new()),
        }
    }

    pub(super) fn set_reachable(&self, reachable: Reachable) {
        self.unreachable
            .store(reachable == Reachable::No, Ordering::Relaxed);
    }

    /// Answers a call, unless the service seems down.
    pub(super) fn answer(&self) -> Result<(), ServiceError> {
        if self.unreachable.load(Ordering::Relaxed) {
            return Err(ServiceError::Unavailable("the service seems down".into()));
        }
        Ok(())
    }

    pub(super) fn hall(&self, room: &RoomName) -> Option<Arc<Hall>> {
        self.halls.lock().get(room).cloned()
    }

    pub(super) fn halls(&self) -> Vec<Arc<Hall>> {
        self.halls.lock().values().cloned().collect()
    }

    /// Returns a room, opened now if there is none of that name.
    pub(super) fn open(self: &Arc<Self>, room: NewRoom) -> Arc<Hall> {
        let mut halls = self.halls.lock();
        if let Some(hall) = halls.get(&room.name) {
            return Arc::clone(hall);
        }
        let name = room.name.clone();
        let hall = Arc::new(Hall::new(
            room,
            Arc::clone(&self.hooks),
            self.stop.child_token(),
        ));
        halls.insert(name.clone(), Arc::clone(&hall));
        drop(halls);
        self.hooks.tell(&name, Occurrence::RoomStarted);
        self.tasks
            .spawn(keeper::keep(Arc::downgrade(self), Arc::clone(&hall)));
        hall
    }

    /// Closes a room; a second time does nothing.
    pub(super) fn close(&self, hall: &Arc<Hall>, why: Ended) {
        let mut halls = self.halls.lock();
        if !halls
            .get(hall.name())
            .is_some_and(|open| Arc::ptr_eq(open, hall))
        {
            return;
        }
        halls.remove(hall.name());
        drop(halls);
        hall.close(why);
        self.hooks.tell(hall.name(), Occurrence::RoomFinished);
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
