//! What a line has done while its leg goes on. Each may come back with news.

use std::sync::Arc;
use std::time::Duration;

use room_contract::telephone::CALL_STATUS;
use room_contract::{Attributes, Participant, RoomName};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;
use tracing::{info, warn};

use super::Told;
use crate::sessions::{News, SessionError, SessionId, Sessions, Status};
use crate::telemetry::chain;
use crate::wiring::twilio::{CallSid, CallStatus, Carrier, LegHandle, Opened, Response};

/// Somebody may come who hears that another one does not: for as long as a telephone rings.
const WAITS: Duration = Duration::from_secs(60);

pub(super) async fn attach(leg: LegHandle, opened: Opened) -> Option<Told> {
    if let Err(error) = leg.attach(opened).await {
        info!(%error, "a media socket was closed");
    }
    None
}

/// From here on the caller counts as there.
pub(super) async fn pick_up(leg: LegHandle, sessions: Sessions, room: RoomName) -> Option<Told> {
    let active = (CALL_STATUS.to_owned(), "active".to_owned());
    leg.show(Attributes::from([active])).await;
    // The room service tells nobody of attributes. A hint that is lost costs the time until the next look.
    drop(sessions.hint(room));
    None
}

/// Twilio takes the call out of its room for it.
pub(super) async fn leave_message(
    carrier: Arc<Carrier>,
    call: CallSid,
    what: Response,
) -> Option<Told> {
    let error = carrier.redirect(&call, &what).await.err()?;
    warn!(
        error = format!("{error:#}"),
        "no message was left on a machine"
    );
    Some(Told::HangUp)
}

/// Has a call come back whose socket was lost. Should Twilio not listen, the call waits a while and comes by itself.
pub(super) async fn send_back(
    carrier: Arc<Carrier>,
    call: CallSid,
    address: String,
) -> Option<Told> {
    match carrier.send_to(&call, &address).await {
        Ok(()) => {
            info!("a caller whose socket was lost is sent back");
            None
        }
        // The caller has hung up, and the news of it is late or lost.
        Err(error) if error.is_over() => Some(Told::Moved(CallStatus::Completed)),
        Err(error) => {
            warn!(
                error = chain(&error),
                "a caller whose socket was lost has to wait"
            );
            None
        }
    }
}

/// Waits until a session is over; for ever when it cannot be watched.
pub(super) async fn session_over(sessions: Sessions, id: Option<SessionId>) {
    let Some(id) = id else {
        return std::future::pending().await;
    };
    let mut watch = match sessions.watch(id.as_str().to_owned()).await {
        Ok(watch) => watch,
        Err(SessionError::Gone | SessionError::Stopped) => return,
        Err(_) => return std::future::pending().await,
    };
    loop {
        match watch.events.recv().await {
            Ok(event) if !matches!(event.news, News::Status(Status::Ended(_))) => {}
            Err(RecvError::Lagged(_)) => {}
            Ok(_) => return,
            // It goes on at another server.
            Err(RecvError::Closed) => return std::future::pending().await,
        }
    }
}

/// Has the agent say something once somebody is there to hear it.
pub(super) async fn tell_whoever_comes(sessions: &Sessions, room: RoomName, text: &str) {
    let Ok(session) = sessions.find_room(room.clone()).await else {
        return;
    };
    let Ok(mut watch) = sessions.watch(session.id().to_string()).await else {
        return;
    };
    let telling = async {
        loop {
            let Ok(session) = sessions.find_room(room.clone()).await else {
                return;
            };
            let heard = session.people().iter().any(Participant::is_there)
                && sessions.say(room.clone(), text.to_owned()).await.is_ok();
            if heard || matches!(watch.events.recv().await, Err(RecvError::Closed)) {
                return;
            }
        }
    };
    // Nobody came in time.
    let _ = timeout(WAITS, telling).await;
}
