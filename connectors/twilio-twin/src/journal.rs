//! A list that grows until it is closed, read by many at their own pace.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

/// Grows at its end. Clones are the same journal.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    entries: Arc<Mutex<Vec<T>>>,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    length: usize,
    closed: bool,
}

impl<T> Clone for Journal<T> {
    fn clone(&self) -> Self {
        Self {
            entries: Arc::clone(&self.entries),
            state: self.state.clone(),
        }
    }
}

impl<T: Clone> Journal<T> {
    pub(crate) fn new() -> Self {
        Self {
            entries: Arc::default(),
            state: watch::Sender::new(State::default()),
        }
    }

    pub(crate) fn add(&self, new: &[T]) {
        let length = {
            let mut entries = self.entries.lock();
            entries.extend_from_slice(new);
            entries.len()
        };
        self.state.send_modify(|state| state.length = length);
    }

    /// Says that nothing more will come.
    pub(crate) fn close(&self) {
        self.state.send_modify(|state| state.closed = true);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        self.entries.lock().clone()
    }

    pub(crate) fn from(&self, position: usize, most: usize) -> Vec<T> {
        let entries = self.entries.lock();
        entries.iter().skip(position).take(most).cloned().collect()
    }

    /// Waits until there are `length` entries, or nothing more will come, and returns how many there are.
    pub(crate) async fn reaches(&self, length: usize) -> usize {
        let mut state = self.state.subscribe();
        let reached = state.wait_for(|state| state.length >= length || state.closed);
        reached.await.map_or(0, |state| state.length)
    }

    /// Returns the first entry that fits, waiting for it; nothing when the journal ends without one.
    pub(crate) async fn find(&self, fits: impl Fn(&T) -> bool) -> Option<T> {
        let mut seen = 0;
        loop {
            let length = self.reaches(seen + 1).await;
            if length <= seen {
                return None;
            }
            let found = self.from(seen, length - seen).into_iter().find(&fits);
            if found.is_some() {
                return found;
            }
            seen = length;
        }
    }
}
