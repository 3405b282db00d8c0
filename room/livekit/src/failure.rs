//! Errors of the LiveKit SDK, sorted by what the caller does next.

use std::{future::Future, time::Duration};

use livekit::{RoomError as SdkError, rtc_engine::EngineError};
use livekit_api::services::{ServerError, ServerErrorCode, ServiceError as ApiError};
use livekit_signaling::SignalError;
use room_contract::{JoinError, RoomError, ServiceError};
use tokio::time::timeout;

/// The SDK did not come back in time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no answer within {0:?}")]
pub(crate) struct PastDeadline(pub(crate) Duration);

/// Waits for the SDK, but not longer than that.
pub(crate) async fn within<T>(
    deadline: Duration,
    coming: impl Future<Output = T>,
) -> Result<T, PastDeadline> {
    timeout(deadline, coming)
        .await
        .map_err(|_| PastDeadline(deadline))
}

/// Sorts an error of the server's API.
pub(crate) fn service(error: ApiError) -> ServiceError {
    match error {
        ApiError::Twirp(ServerError::Twirp(answer)) => by_code(answer),
        ApiError::Twirp(ServerError::Request(error)) if error.is_decode() => {
            ServiceError::Garbled(error.into())
        }
        ApiError::Twirp(ServerError::Request(error)) => ServiceError::Unavailable(error.into()),
        ApiError::Twirp(error @ ServerError::Prost(_)) => ServiceError::Garbled(error.into()),
        error @ (ApiError::Twirp(ServerError::Url(_))
        | ApiError::Env(_)
        | ApiError::AccessToken(_)) => ServiceError::Refused(error.into()),
    }
}

fn by_code(answer: ServerErrorCode) -> ServiceError {
    match answer.code.as_str() {
        ServerErrorCode::NOT_FOUND => ServiceError::Gone,
        ServerErrorCode::UNAVAILABLE
        | ServerErrorCode::INTERNAL
        | ServerErrorCode::UNKNOWN
        | ServerErrorCode::ABORTED
        | ServerErrorCode::CANCELED
        | ServerErrorCode::DATA_LOSS
        | ServerErrorCode::RESOURCE_EXHAUSTED
        | ServerErrorCode::DEADLINE_EXCEEDED => {
            ServiceError::Unavailable(ServerError::Twirp(answer).into())
        }
        _ => ServiceError::Refused(ServerError::Twirp(answer).into()),
    }
}

/// Sorts an error of joining.
pub(crate) fn join(error: SdkError) -> JoinError {
    let SdkError::Engine(EngineError::Signal(signal)) = &error else {
        return JoinError::Unavailable(error.into());
    };
    match signal {
        SignalError::Client(status, _) | SignalError::Handshake { status } => match status.as_u16()
        {
            401 | 403 => JoinError::TokenRefused(error.into()),
            404 => JoinError::NoSuchRoom,
            408 | 425 | 429 | 500.. => JoinError::Unavailable(error.into()),
            _ => JoinError::Garbled(error.into()),
        },
        SignalError::TokenFormat => JoinError::TokenRefused(error.into()),
        SignalError::ProtoParse(_) => JoinError::Garbled(error.into()),
        _ => JoinError::Unavailable(error.into()),
    }
}

/// Sorts an error within a room.
pub(crate) fn room(error: SdkError) -> RoomError {
    match error {
        SdkError::AlreadyClosed => RoomError::Gone,
        SdkError::Request { reason, message } => {
            RoomError::Refused(format!("{reason:?}: {message}"))
        }
        SdkError::TrackAlreadyPublished => RoomError::Refused("it is published already".to_owned()),
        SdkError::Engine(_) | SdkError::Internal(_) | SdkError::Rtc(_) => {
            RoomError::Unavailable(error.into())
        }
    }
}

/// Says that the SDK did not come back in time.
pub(crate) fn late(late: PastDeadline) -> RoomError {
    RoomError::Unavailable(late.into())
}
