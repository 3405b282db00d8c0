//! The agent as sessions see it: somebody who attends a room.

use async_trait::async_trait;
use room_contract::{BoxError, RoomName};
use tokio_util::sync::CancellationToken;

/// A room to attend.
#[derive(Debug, Clone)]
pub struct Attending {
    /// Which room.
    pub room: RoomName,
    /// Cancelled when the agent is to leave.
    pub leave: CancellationToken,
}

/// Attends rooms, one call each.
#[async_trait]
pub trait Agent: Send + Sync + 'static {
    /// Joins the room, talks with whoever is there, and returns once it is out again: because it was asked to
    /// leave, or because the room closed.
    ///
    /// # Errors
    ///
    /// It could not join or not stay; the session puts it in again after a pause.
    async fn attend(&self, attending: Attending) -> Result<(), BoxError>;
}
