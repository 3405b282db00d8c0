//! What every request passes: request id, log, metrics, safe headers, panics, time-out.

use std::any::Any;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};
use tracing::{Instrument, debug, error, info_span, warn};

use super::App;
use super::error::ApiError;
use crate::metrics::Answered;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request id that is taken over from the asker.
const MAX_REQUEST_ID: usize = 64;

/// Gives the request an id, and counts, measures and logs its answer. The path is not logged, it holds names.
pub(crate) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let id = request_id(&request);
    let span = info_span!("request", request.id = id.to_str().unwrap_or_default());

    let mut response = next.run(request).instrument(span.clone()).await;

    let _entered = span.enter();
    let (status, took) = (response.status(), started.elapsed());
    let method = known_method(method.as_str());
    app.parts().metrics.answered(&Answered {
        method,
        route: &route,
        status: status.as_u16(),
        took,
    });
    debug!(
        method,
        route,
        status = status.as_u16(),
        took_ms = took.as_millis(),
        "answered"
    );
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Methods are chosen by the asker: others than these would make as many metrics as somebody likes.
fn known_method(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("OTHER")
}

fn request_id(request: &Request) -> HeaderValue {
    let usable = |id: &&HeaderValue| {
        let id = id.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        !id.is_empty() && id.len() <= MAX_REQUEST_ID && id.iter().all(plain)
    };
    request
        .headers()
        .get(REQUEST_ID)
        .filter(usable)
        .cloned()
        .unwrap_or_else(random_id)
}

fn random_id() -> HeaderValue {
    let number = getrandom::u64().unwrap_or_default();
    HeaderValue::from_str(&format!("{number:016x}")).expect("hexadecimal digits are visible ASCII")
}

/// Tells browsers to take answers for nothing else than they are, and to keep none: they hold tokens.
pub(crate) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Gives up on a request that takes too long.
pub(crate) async fn time_out(State(app): State<App>, request: Request, next: Next) -> Response {
    match timeout(app.parts().request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            warn!("a request took too long");
            ApiError::TimedOut.into_response()
        }
    }
}

/// Turns a panic into an answer.
pub(crate) fn catch_panics() -> CatchPanicLayer<Apology> {
    CatchPanicLayer::custom(Apology)
}

/// The answer after a panic.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Apology;

impl ResponseForPanic for Apology {
    type ResponseBody = Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let what = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        error!(panic = what, "a handler panicked");
        ApiError::Internal.into_response()
    }
}
