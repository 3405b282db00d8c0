//! The echo as an agent: it stands where somebody who converses would.

use std::sync::Arc;

use agent_echo::Echo;
use async_trait::async_trait;
use room_contract::{BoxError, Ended, Identity, Rooms};

use crate::sessions::{Agent, Attending, Departure};

/// Says the last three seconds back.
pub(super) struct EchoAgent(Arc<dyn Rooms>);

impl EchoAgent {
    pub(super) fn new(rooms: Arc<dyn Rooms>) -> Self {
        Self(rooms)
    }
}

#[async_trait]
impl Agent for EchoAgent {
    async fn attend(&self, attending: Attending) -> Result<Departure, BoxError> {
        let Attending { room, leave, .. } = attending;
        let echo = tokio::select! {
            () = leave.cancelled() => return Ok(Departure::Left),
            entered = Echo::enter(&*self.0, room, fresh_identity()?) => entered?,
        };
        match echo.run(leave).await {
            Ended::Left | Ended::RoomClosed | Ended::RoomDeleted => Ok(Departure::Left),
            Ended::Removed => Ok(Departure::PutOut),
            unasked => Err(format!("the echo is out of the room: {unasked:?}").into()),
        }
    }
}

/// A new one each time: the echo that is leaving must not be thrown out by the one that enters.
fn fresh_identity() -> Result<Identity, BoxError> {
    Ok(Identity::new(format!(
        "agent-echo-{:08x}",
        getrandom::u32()?
    ))?)
}
