//! Rooms that were closed a short while ago.

use std::collections::VecDeque;
use std::time::Instant;

use room_contract::RoomName;
use room_contract::token::TIME_TO_JOIN;

/// Entries kept; when full the oldest is forgotten, and LiveKit's own time-outs have to do.
const CAPACITY: usize = 4096;

/// Remembers closed rooms for as long as a token may still open them: joining with one would otherwise bring
/// a room back that nobody looks after.
#[derive(Debug, Default)]
pub(super) struct ClosedRooms(VecDeque<(Instant, RoomName)>);

impl ClosedRooms {
    pub(super) fn add(&mut self, now: Instant, room: RoomName) {
        self.forget_expired(now);
        if self.0.len() == CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back((now + TIME_TO_JOIN, room));
    }

    pub(super) fn remove(&mut self, room: &RoomName) {
        self.0.retain(|(_, closed)| closed != room);
    }

    pub(super) fn contains(&mut self, now: Instant, room: &RoomName) -> bool {
        self.forget_expired(now);
        self.0.iter().any(|(_, closed)| closed == room)
    }

    pub(super) fn is_empty(&mut self, now: Instant) -> bool {
        self.forget_expired(now);
        self.0.is_empty()
    }

    fn forget_expired(&mut self, now: Instant) {
        while self.0.front().is_some_and(|(until, _)| *until <= now) {
            self.0.pop_front();
        }
    }
}
