//! The one place that names the concrete parts.

use std::sync::Arc;

use agent_contract::{ProviderName, Speaker};
use agent_echo::Echo;
use agent_providers_offline::OfflineSpeaker;
use async_trait::async_trait;
use room_contract::{BoxError, Ended, Identity, Rooms};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;

use crate::config::LiveKit;
use crate::sessions::{Agent, Attending, Departure};

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

/// Returns the rooms of a LiveKit server as a guest sees them, who brings a token.
///
/// # Errors
///
/// The server's address cannot be used at all.
pub fn guest(url: &str) -> anyhow::Result<Arc<dyn Rooms>> {
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: url.to_owned(),
        public_url: None,
        // The keys are for those who let others in.
        api_key: "guest".to_owned(),
        api_secret: SecretString::from("guest"),
    })?;
    Ok(Arc::new(rooms))
}

/// Returns a voice of this machine, which needs no account.
#[must_use]
pub fn local_voice() -> Arc<dyn Speaker> {
    Arc::new(OfflineSpeaker::new(ProviderName::new("local voice")))
}

/// Returns the echo, which stands where the agent will.
#[must_use]
pub fn echo(rooms: &Arc<dyn Rooms>) -> Arc<dyn Agent> {
    Arc::new(EchoAgent(Arc::clone(rooms)))
}

struct EchoAgent(Arc<dyn Rooms>);

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
