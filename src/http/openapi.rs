//! The OpenAPI document, made from the handlers.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::App;

/// Title, tags and security; the routes come from the router.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Patchbay",
        description = "Voice agents in LiveKit rooms. Bodies are JSON in camelCase, times RFC 3339 in UTC. \
                       Every error has the shape `{\"error\":{\"code\",\"message\",\"details\"}}`. \
                       Fields that do not exist are refused.",
    ),
    tags(
        (name = "rooms", description = "Create, join and end rooms"),
        (name = "calls", description = "Call people by telephone"),
        (name = "website", description = "Call people from a website that talked to a server of its own before. Bodies \
            are JSON or forms in snake_case; errors have the shape `{\"success\":false,\"message\",\"code\"}`"),
        (name = "sessions", description = "What is going on"),
        (name = "history", description = "What was going on"),
        (name = "operation", description = "For whoever runs the server"),
        (name = "providers", description = "Called by other services, not by you"),
    ),
    modifiers(&BearerKey),
)]
pub(crate) struct Document;

struct BearerKey;

impl Modify for BearerKey {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("key", bearer);
    }
}

/// Returns the OpenAPI document of this server.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    super::router::documented().into_openapi()
}

/// The route of the document, written once.
pub(crate) fn routes(document: &utoipa::openapi::OpenApi) -> Router<App> {
    let text = document.to_json().expect("an OpenAPI document is JSON");
    let kind = [(CONTENT_TYPE, "application/json")];
    Router::new().route("/openapi.json", get(move || async move { (kind, text) }))
}
