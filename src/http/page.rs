//! `GET /` in dev mode: what there is, and how to try it from a terminal.

use axum::extract::State;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse};

use super::App;
use super::docs::{OWN_STYLE_ONLY, escape};

const PAGE: &str = include_str!("page/page.html");

/// Shows the page.
pub(crate) async fn show(State(app): State<App>) -> impl IntoResponse {
    let addresses = &app.parts().addresses;
    let page = PAGE
        .replace(
            "{patchbay}",
            &escape(addresses.patchbay.as_str().trim_end_matches('/')),
        )
        .replace("{livekit}", &escape(&addresses.livekit));
    ([(CONTENT_SECURITY_POLICY, OWN_STYLE_ONLY)], Html(page))
}
