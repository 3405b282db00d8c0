//! The one place that names the concrete parts.

use std::sync::Arc;

use async_trait::async_trait;
use room_contract::{BoxError, Rooms};
use room_livekit::{LiveKitConfig, LiveKitRooms};

use crate::config::LiveKit;
use crate::sessions::{Agent, Attending};

/// Returns the rooms of a LiveKit server.
///
/// # Errors
///
/// The server's address or credentials cannot be used at all.
pub fn rooms(livekit: &LiveKit) -> anyhow::Result<Arc<dyn Rooms>> {
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: livekit.url.to_string(),
        public_url: livekit.public_url.as_ref().map(ToString::to_string),
        api_key: livekit.api_key.clone(),
        api_secret: livekit.api_secret.clone(),
    })?;
    Ok(Arc::new(rooms))
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
