//! Webhooks from LiveKit: verified, taken once, passed on as hints.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use room_contract::{Occurrence, WebhookEvent};

use super::App;
use super::body::{media_type, read};
use super::error::{ApiError, ErrorBody};
use crate::metrics::WebhookFate;
use crate::sessions::SessionError;

/// What metrics call the sender.
const SOURCE: &str = "livekit";

/// Takes an event. What it says is not believed, LiveKit is asked: events may be lost, late or repeated.
#[utoipa::path(post, path = "/livekit/webhook", tag = "providers", operation_id = "takeLiveKitEvent",
    request_body(content = String, content_type = "application/webhook+json",
        description = "LiveKit's WebhookEvent, signed in the header `Authorization`"),
    responses(
        (status = 204, description = "Taken, now or before"),
        (status = 400, description = "Not an event", body = ErrorBody),
        (status = 401, description = "The signature is wrong", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 415, description = "Not declared as `application/webhook+json`", body = ErrorBody),
        (status = 503, description = "To be sent again", body = ErrorBody),
    ))]
pub(crate) async fn livekit(
    State(app): State<App>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let metrics = &app.parts().metrics;
    let event = verified(&app, request)
        .await
        .inspect_err(|_| metrics.webhook(SOURCE, WebhookFate::Refused))?;

    if app.seen_webhooks().contains(&event.id) {
        metrics.webhook(SOURCE, WebhookFate::Repeated);
        return Ok(StatusCode::NO_CONTENT);
    }
    let id = event.id.clone();
    pass_on(&app, event)?;
    // Only now: an event that could not be passed on has to be sent again.
    app.seen_webhooks().add(id);
    metrics.webhook(SOURCE, WebhookFate::Accepted);
    Ok(StatusCode::NO_CONTENT)
}

async fn verified(app: &App, request: Request) -> Result<WebhookEvent, ApiError> {
    let expected = "application/webhook+json";
    let declared = media_type(request.headers());
    if !matches!(
        declared.as_deref(),
        Some("application/webhook+json" | "application/json")
    ) {
        return Err(ApiError::UnsupportedMediaType { expected });
    }
    let authorization = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .ok_or(ApiError::Unauthorized("The webhook is not signed."))?
        .to_owned();

    let body = read(request, app).await?;
    Ok(app.parts().rooms.webhook(&body, &authorization)?)
}

fn pass_on(app: &App, event: WebhookEvent) -> Result<(), SessionError> {
    let Some(room) = event.room else {
        return Ok(());
    };
    let sessions = &app.parts().sessions;
    match event.occurrence {
        Occurrence::RoomStarted | Occurrence::ParticipantJoined { .. } => sessions.appearance(room),
        _ => sessions.hint(room),
    }
}
