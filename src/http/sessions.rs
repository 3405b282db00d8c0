//! Live sessions.

use axum::Json;
use axum::extract::State;

use super::App;
use super::auth::MayRead;
use super::error::{ApiError, ErrorBody, Missing};
use super::paths::SessionPath;
use super::views::{SessionList, SessionView};
use crate::sessions::SessionError;

/// Lists the live sessions.
#[utoipa::path(get, path = "/sessions", tag = "sessions", operation_id = "listSessions", security(("key" = ["read"])),
    responses(
        (status = 200, description = "All of them", body = SessionList),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
    ))]
pub(crate) async fn list(
    _: MayRead,
    State(app): State<App>,
) -> Result<Json<SessionList>, ApiError> {
    let sessions = app.parts().sessions.list().await?;
    Ok(Json(sessions.as_slice().into()))
}

/// Returns a live session; one that has ended is not found.
#[utoipa::path(get, path = "/sessions/{id}", tag = "sessions", operation_id = "showSession", security(("key" = ["read"])),
    params(("id" = String, Path, description = "The session's id, such as `web-demo`")),
    responses(
        (status = 200, description = "The session", body = SessionView),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 404, description = "No such session is live", body = ErrorBody),
    ))]
pub(crate) async fn show(
    _: MayRead,
    State(app): State<App>,
    SessionPath(id): SessionPath,
) -> Result<Json<SessionView>, ApiError> {
    match app.parts().sessions.find(id).await {
        Ok(session) => Ok(Json((&session).into())),
        Err(SessionError::Gone) => Err(ApiError::NotFound(Missing::Session)),
        Err(error) => Err(error.into()),
    }
}
