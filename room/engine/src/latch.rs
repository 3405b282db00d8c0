//! A door that opens once, for threads that may block.

use std::time::Duration;

use parking_lot::{Condvar, Mutex};

#[derive(Default)]
pub(crate) struct Latch {
    is_set: Mutex<bool>,
    changed: Condvar,
}

impl Latch {
    pub(crate) fn set(&self) {
        *self.is_set.lock() = true;
        self.changed.notify_all();
    }

    /// Blocks until the latch is set, at most for `patience`. Returns whether it is.
    pub(crate) fn wait(&self, patience: Duration) -> bool {
        let mut is_set = self.is_set.lock();
        self.changed
            .wait_while_for(&mut is_set, |is_set| !*is_set, patience);
        *is_set
    }
}
