//! The room in memory behaves as a room does.

use std::sync::Arc;

use room_contract::{Rooms, memory::MemoryRooms};

fn rooms() -> Arc<dyn Rooms> {
    Arc::new(MemoryRooms::new())
}

room_contract::room_conformance!(rooms());
