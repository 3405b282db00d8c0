//! Liveness, readiness, metrics.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::auth::MayRead;
use super::error::{ApiError, ErrorBody};
use crate::health::LiveKitHealth;

/// The server is alive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Alive {
    #[schema(example = "ok")]
    status: &'static str,
}

/// The server is ready.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    #[schema(example = "ready")]
    status: &'static str,
    /// How LiveKit answers.
    #[schema(example = "ok")]
    livekit: &'static str,
}

/// Tells that the process is alive.
#[utoipa::path(get, path = "/healthz", tag = "operation", operation_id = "showLiveness",
    responses((status = 200, description = "It is", body = Alive)))]
pub(crate) async fn alive() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Tells whether the server can do its work: LiveKit answers with our credentials, and nobody has asked the
/// server to stop.
#[utoipa::path(get, path = "/readyz", tag = "operation", operation_id = "showReadiness",
    responses(
        (status = 200, description = "It can", body = Ready),
        (status = 503, description = "Not yet, or no longer", body = ErrorBody),
    ))]
pub(crate) async fn ready(State(app): State<App>) -> Result<Json<Ready>, ApiError> {
    let parts = app.parts();
    let livekit = parts.health.livekit();
    let draining = parts.draining.is_cancelled();
    if livekit == LiveKitHealth::Well && !draining {
        Ok(Json(Ready {
            status: "ready",
            livekit: livekit.name(),
        }))
    } else {
        Err(ApiError::NotReady {
            livekit: livekit.name(),
            draining,
        })
    }
}

/// Returns the metrics for Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", operation_id = "showMetrics", security(("key" = ["read"])),
    responses((status = 200, description = "OpenMetrics text", body = String,
        content_type = "application/openmetrics-text")))]
pub(crate) async fn metrics(_: MayRead, State(app): State<App>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.parts().metrics.text())
}
