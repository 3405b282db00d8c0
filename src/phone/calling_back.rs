//! Callers whose server has died: Twilio keeps them waiting, and this server has them come back.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use room_contract::role::{CONTACT, ROLE};
use room_contract::telephone::is_being_called;
use tracing::{info, warn};

use super::line::{CALL_ID, Switchboard};
use super::script::WayBack;
use crate::sessions::{EndReason, Session, Status};
use crate::telemetry::chain;
use crate::wiring::twilio::{CallSid, Carrier};

/// Sessions that are looked after at the same time: Twilio takes no more requests than that from an account.
const AT_ONCE: usize = 8;

/// Calls the callers of sessions back that another process left behind.
pub(super) async fn call_back(switchboard: Switchboard, sessions: Vec<Session>) {
    let talking = sessions
        .into_iter()
        .filter(|session| match session.status() {
            Status::Active | Status::Escalating => true,
            Status::Created | Status::Ringing | Status::Ended(_) => false,
        });
    stream::iter(talking)
        .for_each_concurrent(AT_ONCE, |session| callers_of(&switchboard, session))
        .await;
}

/// Has a call come back that has lost its room. Should Twilio not listen, it comes by itself a little later.
pub(super) async fn send_home(carrier: Arc<Carrier>, call: CallSid, address: String) {
    match carrier.send_to(&call, &address).await {
        Ok(()) => info!(call.id = %call, "a caller who has lost the room is sent back"),
        Err(error) if error.is_over() => {}
        Err(error) => warn!(
            call.id = %call,
            error = chain(&error),
            "a caller who has lost the room has to wait"
        ),
    }
}

async fn callers_of(switchboard: &Switchboard, session: Session) {
    let own = own_call(&session);
    if let Some(call) = &own {
        own_caller(switchboard, &session, call).await;
    }
    let people = switchboard.rooms.participants(session.room()).await;
    for person in people.unwrap_or_default() {
        let call = person.attributes.get(CALL_ID).map(CallSid::new);
        let Some(Ok(call)) = call.filter(|_| !is_being_called(&person.attributes)) else {
            continue;
        };
        if own.as_ref() == Some(&call) {
            continue;
        }
        let way = WayBack {
            call: &call,
            guest_of: Some(session.room()),
            name: Some(person.name.as_str()).filter(|name| !name.is_empty()),
            is_contact: person.attributes.get(ROLE).map(String::as_str) == Some(CONTACT),
            returns: 0,
        };
        send(switchboard, way).await;
    }
}

/// Returns the call that a session was opened for, if there is one.
fn own_call(session: &Session) -> Option<CallSid> {
    let id = session.id().as_str();
    let prefix = format!("{}-", session.channel().name());
    CallSid::new(id.strip_prefix(&prefix)?).ok()
}

async fn own_caller(switchboard: &Switchboard, session: &Session, call: &CallSid) {
    let way = WayBack {
        call,
        guest_of: None,
        name: None,
        is_contact: false,
        returns: 0,
    };
    if let Sent::NobodyThere = send(switchboard, way).await {
        let sessions = &switchboard.sessions;
        let room = session.room().clone();
        // It may have ended by itself meanwhile.
        drop(sessions.end_for(room, EndReason::CallerLeft).await);
    }
}

/// What came of it.
enum Sent {
    /// The call asks this server, at once or in a while.
    ComesBack,
    /// The caller has hung up meanwhile.
    NobodyThere,
}

async fn send(switchboard: &Switchboard, way: WayBack<'_>) -> Sent {
    let carrier = &switchboard.carrier;
    let address = way.address(carrier.public());
    match carrier.send_to(way.call, &address).await {
        Ok(()) => info!(call.id = %way.call, "a caller of a server that is gone is called back"),
        Err(error) if error.is_over() => return Sent::NobodyThere,
        Err(error) => warn!(
            call.id = %way.call,
            error = chain(&error),
            "a caller of a server that is gone has to wait"
        ),
    }
    Sent::ComesBack
}
