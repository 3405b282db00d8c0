//! What the path of a request names. A text that is no such name names nothing.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use room_contract::RoomName;
use serde::de::DeserializeOwned;

use super::error::{ApiError, Missing};

/// The room that a path names.
pub(crate) struct RoomPath(pub(crate) RoomName);

impl<S: Send + Sync> FromRequestParts<S> for RoomPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        named(parts, state, Missing::Room).await.map(Self)
    }
}

/// The session id that a path names.
pub(crate) struct SessionPath(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for SessionPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        named(parts, state, Missing::Session).await.map(Self)
    }
}

/// The call that a path names, by its own id or by its session's.
pub(crate) struct CallPath(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for CallPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        named(parts, state, Missing::Call).await.map(Self)
    }
}

/// The appointment that a path names.
pub(crate) struct AppointmentPath(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for AppointmentPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        named(parts, state, Missing::Appointment).await.map(Self)
    }
}

/// The callback that a path names.
pub(crate) struct CallbackPath(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for CallbackPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        named(parts, state, Missing::Callback).await.map(Self)
    }
}

async fn named<T, S>(parts: &mut Parts, state: &S, missing: Missing) -> Result<T, ApiError>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    let name = Path::from_request_parts(parts, state).await;
    name.map(|Path(name)| name)
        .map_err(|_| ApiError::NotFound(missing))
}
