//! What an existing website asks of the server that it talked to before: calls and conferences with its visitors.
//!
//! Bodies and answers are those that such sites know, in `snake_case`; errors are `{"success":false,"message"}`.

mod body;
mod caller;
mod error;
mod meeting;
mod news;
mod outbound;
mod start;
mod token;
mod voice;

use axum::Router;
use axum::routing::{any, get, options, post};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use self::meeting::SiteAnswer;
use super::{App, phone, visits};

/// Returns the routes that pages and programs ask.
pub(super) fn requests() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(outbound::outbound))
        .routes(routes!(start::start))
        .routes(routes!(token::token))
        .route("/api/call/outbound", options(visits::permit))
        .route("/api/twilio/start-conference", options(visits::permit))
        .route("/api/twilio/token", options(visits::permit))
        .layer(axum::middleware::from_fn(visits::across_origins))
}

/// Returns the routes that Twilio asks and tells. Not in the document: whoever else asks is refused.
pub(super) fn webhooks() -> Router<App> {
    let (conference, twiml, agent) = (voice::conference, voice::twiml, voice::agent);
    Router::new()
        .route("/api/call/conference", get(conference).post(conference))
        .route("/api/call/twiml", get(twiml).post(twiml))
        .route("/api/call/hold", get(voice::hold).post(voice::hold))
        .route("/api/call/hold.wav", get(voice::music))
        .route("/api/twilio/conference-elevenlabs", get(agent).post(agent))
        .route("/api/call/status", post(news::status))
        .route("/api/call/answered", post(news::answered))
        .route("/api/call/events", post(news::events))
        .route("/api/twilio/call-status", post(news::status))
        .route("/api/call/media-stream", any(phone::stream_of_site))
        .route("/api/twilio/media-stream", any(phone::stream_of_site))
}
