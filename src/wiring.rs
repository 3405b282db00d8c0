//! The one place that names the concrete parts.

use std::sync::Arc;

use async_trait::async_trait;
use room_contract::{BoxError, Rooms};

use crate::config::LiveKit;
use crate::sessions::{Agent, Attending};

/// Returns the rooms of a LiveKit server.
///
/// # Errors
///
/// The server's address or credentials cannot be used at all.
pub fn rooms(_livekit: &LiveKit) -> anyhow::Result<Arc<dyn Rooms>> {
    anyhow::bail!("room-livekit is not there yet")
}

/// Returns the echo, which stands where the agent will.
#[must_use]
pub fn echo(rooms: &Arc<dyn Rooms>) -> Arc<dyn Agent> {
    Arc::new(Echo(Arc::clone(rooms)))
}

struct Echo(#[expect(dead_code, reason = "placeholder")] Arc<dyn Rooms>);

#[async_trait]
impl Agent for Echo {
    async fn attend(&self, attending: Attending) -> Result<(), BoxError> {
        attending.leave.cancelled().await;
        Ok(())
    }
}
