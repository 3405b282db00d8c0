//! Whether the others that share the records have heard of this node lately.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A node that was not seen for two of its beats may be taken for gone: by one that a call of its own asks.
pub(crate) const SILENT: Duration = Duration::from_secs(10);

/// When this node signed last, as far as it knows. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Touch(Arc<Mutex<Instant>>);

impl Touch {
    /// Whoever starts has just been there.
    pub(super) fn new(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// The node has said that it is there; it began to at this time, and not later.
    pub(super) fn handle_signed(&self, began: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = began;
    }

    /// Tells whether others may take the node for gone.
    pub(super) fn is_lost(&self, now: Instant) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.saturating_duration_since(last) >= SILENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_could_not_sign_for_two_beats_may_be_taken_for_gone() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let touch = Touch::new(start);

        let told = [9, 10].map(|second| touch.is_lost(at(second)));
        touch.handle_signed(at(12));
        let later = [21, 22].map(|second| touch.is_lost(at(second)));

        assert_eq!((told, later), ([false, true], [false, true]));
    }
}
