//! Other names of routes, kept for clients that were written for another server.

use axum::Router;
use axum::routing::get;

use super::{App, calls};

/// Returns the aliases. They stand in no document: new clients take the routes' own names.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/api/v1/twilio/calls", get(calls::list))
        .route("/api/v1/twilio/calls/{id}", get(calls::show))
        .route("/api/v1/twilio/stats", get(calls::stats))
}
