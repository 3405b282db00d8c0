//! Slots that hold an application's callbacks.

use parking_lot::Mutex;

/// A callback of the application. It runs on the thread of the event dispatcher, in order with
/// the other callbacks of its connection, and may block: media goes on meanwhile.
pub type Handler<T> = Box<dyn FnMut(T) + Send>;

/// Holds at most one callback, which may replace itself while it runs.
pub(crate) struct Slot<T>(Mutex<Held<T>>);

struct Held<T> {
    handler: Option<Handler<T>>,
    /// Grows with every replacement, so that a running callback is not put back over its successor.
    generation: u64,
}

impl<T> Slot<T> {
    pub(crate) fn set(&self, handler: Option<Handler<T>>) {
        let mut held = self.0.lock();
        held.generation += 1;
        let previous = std::mem::replace(&mut held.handler, handler);
        drop(held);
        // Dropped without the lock: what it captured may call back into the engine.
        drop(previous);
    }

    /// Runs the callback with `value`, without a lock held. Does nothing when there is none.
    pub(crate) fn call(&self, value: T) {
        let (taken, generation) = {
            let mut held = self.0.lock();
            (held.handler.take(), held.generation)
        };
        let Some(mut handler) = taken else { return };

        handler(value);

        let mut held = self.0.lock();
        if held.generation == generation {
            held.handler = Some(handler);
        }
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(Mutex::new(Held {
            handler: None,
            generation: 0,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_callback_that_removes_itself_stays_removed() {
        let slot = Arc::new(Slot::<u32>::default());
        let calls = Arc::new(AtomicU32::new(0));
        let (own_slot, counted) = (slot.clone(), calls.clone());
        slot.set(Some(Box::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            own_slot.set(None);
        })));

        slot.call(1);
        slot.call(2);

        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_callback_is_called_again_and_again() {
        let slot = Slot::<u32>::default();
        let sum = Arc::new(AtomicU32::new(0));
        let added = sum.clone();
        slot.set(Some(Box::new(move |value| {
            added.fetch_add(value, Ordering::Relaxed);
        })));

        slot.call(1);
        slot.call(2);

        assert_eq!(sum.load(Ordering::Relaxed), 3);
    }
}
