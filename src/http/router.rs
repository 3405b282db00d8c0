//! All routes, and what lies around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, options, post};
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use super::openapi::Document;
use super::{
    agents, aliases, appointments, callbacks, calls, docs, error, escalations, events, health,
    join, middleware, openapi, page, people, phone, rooms, sessions, visits, webhook, website,
};

/// Bytes. Ours are small; the largest part is a room's metadata.
const BODY_LIMIT: usize = 64 * 1024;

/// Bytes. LiveKit's events carry a room's and a participant's metadata, up to 512 KiB each.
const WEBHOOK_LIMIT: usize = 2 * 1024 * 1024;

/// Returns the whole API.
pub fn router(app: App) -> Router {
    let (documented, document) = documented().split_for_parts();
    documented
        .merge(openapi::routes(&document))
        .merge(docs::routes(&document))
        .merge(aliases::routes())
        .merge(page::routes(&app))
        .merge(calls_of_twilio())
        .merge(website::webhooks())
        .fallback(error::no_such_route)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        // From here on the last one is the outermost.
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            middleware::time_out,
        ))
        .layer(middleware::catch_panics())
        .layer(axum::middleware::from_fn(middleware::harden))
        .layer(axum::middleware::from_fn_with_state(
            app.clone(),
            middleware::observe,
        ))
        .with_state(app)
}

/// The routes that stand in the OpenAPI document.
pub(crate) fn documented() -> OpenApiRouter<App> {
    let webhooks = OpenApiRouter::new()
        .routes(routes!(webhook::livekit))
        .layer(DefaultBodyLimit::max(WEBHOOK_LIMIT));

    let visits = OpenApiRouter::new()
        .routes(routes!(visits::visit))
        .routes(routes!(visits::calls::dial))
        .routes(routes!(visits::calls::escalate))
        .route("/visit", options(visits::permit))
        .route("/visit/dial", options(visits::permit))
        .route("/visit/escalate", options(visits::permit))
        .layer(axum::middleware::from_fn(visits::across_origins));

    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::show))
        .routes(routes!(events::watch))
        .routes(routes!(calls::list))
        .routes(routes!(calls::show))
        .routes(routes!(calls::stats))
        .routes(routes!(phone::calls::place))
        .routes(routes!(phone::calls::end))
        .routes(routes!(callbacks::list))
        .routes(routes!(callbacks::cancel))
        .routes(routes!(calls::erase))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(appointments::list))
        .routes(routes!(appointments::cancel))
        .routes(routes!(appointments::calendar))
        .merge(of_rooms())
        .merge(visits)
        .merge(website::requests())
        .merge(invitations())
        .merge(webhooks)
}

/// What is done with a room and those in it.
fn of_rooms() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rooms::create))
        .routes(routes!(rooms::join))
        .routes(routes!(rooms::show, rooms::end))
        .routes(routes!(agents::switch))
        .routes(routes!(agents::say))
        .routes(routes!(people::mute))
        .routes(routes!(people::remove))
        .routes(routes!(escalations::escalate))
        .routes(routes!(callbacks::request))
        .routes(routes!(phone::calls::dial_in))
}

/// What a contact's join link leads to.
fn invitations() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(join::read))
        .routes(routes!(join::accept))
        .routes(routes!(join::decline))
}

/// What Twilio asks and tells. Not in the document: whoever else asks is refused.
fn calls_of_twilio() -> Router<App> {
    Router::new()
        .route("/twilio/voice", get(phone::voice).post(phone::voice))
        .route("/twilio/routing", post(phone::routing))
        .route("/twilio/resume/{call}", post(phone::resume))
        .route("/twilio/status", post(phone::status))
        .route("/twilio/answered", post(phone::answered))
        .route("/twilio/stream/{call}", any(phone::stream))
}
