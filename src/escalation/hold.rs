//! Music for those who wait.

use std::sync::Arc;

use async_trait::async_trait;
use room_contract::{RoomName, Rooms};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::ports::Musicians;

/// Plays in rooms.
struct Band {
    rooms: Arc<dyn Rooms>,
}

/// Returns who plays to those who wait.
pub(crate) fn musicians(rooms: Arc<dyn Rooms>) -> Arc<dyn Musicians> {
    Arc::new(Band { rooms })
}

#[async_trait]
impl Musicians for Band {
    async fn play(&self, room: RoomName, duck: watch::Receiver<bool>, stop: CancellationToken) {
        let _ = (&self.rooms, room, duck);
        stop.cancelled().await;
    }
}
