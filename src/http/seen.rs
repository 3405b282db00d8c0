//! Which webhooks were delivered before.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Ids kept; when full the oldest is forgotten. LiveKit repeats within minutes, not after thousands of events.
const CAPACITY: usize = 16_384;

/// Remembers ids of events.
#[derive(Debug, Default)]
pub(crate) struct SeenEvents(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl SeenEvents {
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.lock().ids.contains(id)
    }

    pub(crate) fn add(&self, id: String) {
        let mut seen = self.lock();
        if !seen.ids.insert(id.clone()) {
            return;
        }
        if seen.order.len() == CAPACITY
            && let Some(oldest) = seen.order.pop_front()
        {
            seen.ids.remove(&oldest);
        }
        seen.order.push_back(id);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_id_is_forgotten_when_there_are_too_many() {
        let seen = SeenEvents::default();

        for number in 0..=CAPACITY {
            seen.add(number.to_string());
        }

        assert!(!seen.contains("0"));
        assert!(seen.contains("1"));
        assert!(seen.contains(&CAPACITY.to_string()));
    }
}
