//! What the desk sends others out for: one call to LiveKit, or one stay of the agent.

use std::sync::Arc;
use std::time::Duration;

use room_contract::{BoxError, Identity, NewRoom, Participant, RoomName, Rooms, ServiceError};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{Departure, EndReason, Opening, Serial};
use crate::store::Store;
use crate::telemetry::chain;

/// LiveKit's own time-outs, should nobody be left to close a room: longer than ours, so that ours decide.
const EMPTY_MARGIN: Duration = Duration::from_secs(60);
const DEPARTURE_TIMEOUT: Duration = Duration::from_secs(60);

/// Pauses between the attempts to close a room, before whoever waits for it is told.
const CLOSE_PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(1)];

/// Who was sent out for what.
#[derive(Debug)]
pub(super) enum Errand {
    Open(Serial, RoomName),
    Look(Serial, RoomName),
    Close(RoomName, Option<EndReason>),
    List,
    Evict,
    Attend {
        serial: Serial,
        room: RoomName,
        leave: CancellationToken,
    },
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    Opened(Result<(), ServiceError>),
    /// `None`: LiveKit does not know the room.
    Seen(Result<Option<Vec<Participant>>, ServiceError>),
    Closed(Result<(), ServiceError>),
    /// A room that was to be closed again is another server's.
    UsedElsewhere,
    /// Which rooms there are.
    Listed(Result<Vec<RoomName>, ServiceError>),
    /// Whether an agent that nobody looks after is out.
    Evicted(Result<(), ServiceError>),
    Left(Result<Departure, BoxError>),
}

pub(super) async fn open(rooms: Arc<dyn Rooms>, opening: Opening, waits: Duration) -> Outcome {
    let room = NewRoom {
        empty_timeout: waits + EMPTY_MARGIN,
        departure_timeout: DEPARTURE_TIMEOUT,
        metadata: opening.metadata,
        ..NewRoom::named(opening.room)
    };
    Outcome::Opened(rooms.create(room).await.map(drop))
}

pub(super) async fn look(rooms: Arc<dyn Rooms>, room: RoomName) -> Outcome {
    Outcome::Seen(match rooms.participants(&room).await {
        Ok(people) if people.is_empty() => known(&*rooms, &room).await,
        Ok(people) => Ok(Some(people)),
        Err(ServiceError::Gone) => Ok(None),
        Err(error) => Err(error),
    })
}

/// LiveKit answers an empty list for a room that it does not know.
async fn known(
    rooms: &dyn Rooms,
    room: &RoomName,
) -> Result<Option<Vec<Participant>>, ServiceError> {
    Ok(rooms.find(room).await?.map(|_| Vec::new()))
}

pub(super) async fn evict(rooms: Arc<dyn Rooms>, room: RoomName, agent: Identity) -> Outcome {
    Outcome::Evicted(match rooms.remove(&room, &agent).await {
        Err(ServiceError::Gone) => Ok(()),
        other => other,
    })
}

pub(super) async fn list(rooms: Arc<dyn Rooms>) -> Outcome {
    let all = rooms.list().await;
    Outcome::Listed(all.map(|all| all.into_iter().map(|room| room.name).collect()))
}

/// Closes a room that came back after it had been closed, unless another server has opened it.
pub(super) async fn close_again(rooms: Arc<dyn Rooms>, store: Store, room: RoomName) -> Outcome {
    match store.is_used_elsewhere(room.as_str()).await {
        Ok(false) => close(rooms, room).await,
        Ok(true) => Outcome::UsedElsewhere,
        Err(error) => {
            debug!(error = chain(&error), "nobody knows whose a room is");
            close_if_deserted(rooms, room).await
        }
    }
}

/// Closes a room that another server may have taken over: it is left to whoever is in it.
pub(super) async fn close_if_deserted(rooms: Arc<dyn Rooms>, room: RoomName) -> Outcome {
    match rooms.participants(&room).await {
        Ok(people) if people.iter().any(|one| one.kind.keeps_room_open()) => {
            Outcome::Closed(Ok(()))
        }
        Ok(_) | Err(ServiceError::Gone) => close(rooms, room).await,
        Err(error) => Outcome::Closed(Err(error)),
    }
}

pub(super) async fn close(rooms: Arc<dyn Rooms>, room: RoomName) -> Outcome {
    for pause in CLOSE_PAUSES {
        match rooms.delete(&room).await {
            Ok(()) | Err(ServiceError::Gone) => return Outcome::Closed(Ok(())),
            Err(ServiceError::Unavailable(_)) => sleep(pause).await,
            Err(error) => return Outcome::Closed(Err(error)),
        }
    }
    Outcome::Closed(match rooms.delete(&room).await {
        Err(ServiceError::Gone) => Ok(()),
        other => other,
    })
}
