//! The page to talk from, and the widget for other people's pages.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};

use super::visits::Offers;
use super::{App, join};
use crate::config::{Access, AgentKind, AgentProfile, Mode};
use crate::wiring;

/// What the page knows before it asks anything.
const PLACE: &str = "{\"patchbay\":null}";

/// Browsers on other people's pages must be told that they may use it.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Seconds. A new version reaches websites within this time, and they load it once in it.
const WIDGET_AGE: &str = "public, max-age=300";

/// Returns the widget's route, those of the page's parts and, where everybody is shown it, the page's.
pub(crate) fn routes(app: &App) -> Router<App> {
    // A contact's link opens the page also where nobody else is shown one.
    let router = Router::new()
        .route("/widget.js", get(widget))
        .route("/join/{ticket}", get(join::show))
        .route(
            "/page.js",
            get(async |headers: HeaderMap| own("page.js", &headers)),
        )
        .route(
            "/page.css",
            get(async |headers: HeaderMap| own("page.css", &headers)),
        );
    if app.parts().web.page {
        router.route("/", get(show))
    } else {
        router
    }
}

async fn show(State(app): State<App>) -> Response {
    serve(&app, &told(&app))
}

/// Serves the page to a contact who was invited. Everything else it asks for by the link.
pub(crate) fn for_contact(app: &App) -> Response {
    serve(app, &json!({ "contact": true }))
}

fn serve(app: &App, told: &Value) -> Response {
    let Some(file) = wiring::web::file("index.html") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A script of the page must not end in the middle of what it is told.
    let told = told.to_string().replace('<', "\\u003c");
    let page = String::from_utf8_lossy(file.plain).replace(PLACE, &told);
    let policy = policy(&app.parts().addresses.livekit);
    ([(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response()
}

/// What the page is told about this server.
fn told(app: &App) -> Value {
    let parts = app.parts();
    let profiles = &parts.profiles;
    let all = profiles.all.iter();
    json!({
        "mode": if parts.mode == Mode::Dev { "dev" } else { "serve" },
        // Without keys this machine may use the whole API; elsewhere the page is a visitor as any other.
        "api": matches!(parts.access, Access::Loopback),
        "offers": Offers::of(app),
        "profile": profiles.default,
        "profiles": all.map(|(name, profile)| described(name, profile)).collect::<Vec<_>>(),
    })
}

fn described(name: &str, profile: &AgentProfile) -> Value {
    let cast = &profile.cast;
    json!({
        "name": name,
        "agent": profile.talk.name,
        "languages": profile.talk.languages,
        "echo": cast.agent == AgentKind::Echo,
        "hears": cast.transcribers,
        "thinks": cast.thinkers,
        "speaks": cast.speakers,
    })
}

/// Nothing but the page's own files, this server, and LiveKit.
fn policy(livekit: &str) -> String {
    let asked = match livekit.strip_prefix("ws") {
        Some(rest) => format!("{livekit} http{rest}"),
        None => livekit.to_owned(),
    };
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; \
         connect-src 'self' {asked}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

async fn widget(headers: HeaderMap) -> Response {
    let mut response = own("widget.js", &headers);
    let added = response.headers_mut();
    added.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    added.insert(CACHE_CONTROL, HeaderValue::from_static(WIDGET_AGE));
    response
}

/// Serves a file as it was built, and only if the browser does not have it.
fn own(name: &'static str, headers: &HeaderMap) -> Response {
    let Some(file) = wiring::web::file(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}\"", file.tag);
    let common = [
        (ETAG, tag.clone()),
        (CACHE_CONTROL, "no-cache".to_owned()),
        (VARY, "accept-encoding".to_owned()),
    ];
    if says(headers, &IF_NONE_MATCH, &tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let media_type = [(CONTENT_TYPE, file.media_type)];
    if !file.gzip.is_empty() && says(headers, &ACCEPT_ENCODING, "gzip") {
        let encoding = [(CONTENT_ENCODING, "gzip")];
        return (common, media_type, encoding, Body::from(file.gzip)).into_response();
    }
    (common, media_type, Body::from(file.plain)).into_response()
}

fn says(headers: &HeaderMap, name: &HeaderName, what: &str) -> bool {
    let said = headers.get(name).and_then(|value| value.to_str().ok());
    said.is_some_and(|said| {
        said.split(',')
            .any(|part| part.trim().split(';').next() == Some(what))
    })
}
