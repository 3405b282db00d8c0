//! Entering a room of LiveKit.

use std::sync::Arc;
use std::time::Duration;

use livekit::{Room, RoomDataStreamOptions, RoomEvent, RoomOptions};
use room_contract::{JoinError, Token, deadline};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::failure::{self, within};
use crate::signalling::{self, Farewell, reach};

/// The longest text or byte stream that is taken in, in bytes.
const LONGEST_STREAM: usize = 16 << 20;

/// A connection of the SDK.
pub(crate) struct Connected {
    pub(crate) sdk: Room,
    /// The SDK's queue has no bound; the driver that takes from it never waits.
    pub(crate) events: UnboundedReceiver<RoomEvent>,
    pub(crate) farewell: Arc<Farewell>,
}

/// What is left of [`deadline::JOIN`] for finding out why.
pub(crate) const DIAGNOSIS: Duration = Duration::from_secs(2);

/// Connects, [`DIAGNOSIS`] before [`deadline::JOIN`] at the latest.
pub(crate) async fn connect(
    url: &str,
    token: &Token,
    tasks: &TaskTracker,
) -> Result<Connected, JoinError> {
    signalling::register();
    let farewell = Farewell::prepare();
    let (url, token) = (farewell.address(url), token.expose().to_owned());
    // A task of its own: the SDK panics on some answers that no LiveKit server gives.
    let attempt = tasks.spawn(async move { Room::connect(&url, &token, options()).await });
    match within(deadline::JOIN - DIAGNOSIS, AbortOnDropHandle::new(attempt)).await {
        Ok(Ok(connected)) => {
            let (sdk, events) = connected.map_err(failure::join)?;
            farewell.joined();
            Ok(Connected {
                sdk,
                events,
                farewell,
            })
        }
        Ok(Err(panicked)) => Err(JoinError::Garbled(panicked.into())),
        Err(late) => Err(JoinError::Unavailable(late.into())),
    }
}

fn options() -> RoomOptions {
    let mut options = RoomOptions::default();
    // Tracks are chosen one by one: nobody's camera is sent to us for nothing.
    options.auto_subscribe = false;
    options.connect_timeout = reach::LONGEST;
    options.data_stream =
        RoomDataStreamOptions::default().with_max_payload_byte_length(LONGEST_STREAM);
    options
}
