//! Twilio's REST API, as far as the twin has it: Basic auth, forms in, JSON out, Twilio's errors.

mod calls;
mod conferences;
mod form;
mod messages;
mod numbers;
mod recordings;
mod reply;
mod streams;

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use percent_encoding::percent_decode_str;

use crate::shell::Office;
use form::Form;
use reply::{Refusal, Reply};

/// A request whose caller may do what it asks for.
pub(crate) struct Request<'r> {
    office: &'r Arc<Office>,
    method: Method,
    form: Form,
    /// Path and query, for lists that tell where they are.
    address: &'r str,
}

pub(crate) fn router(office: Arc<Office>) -> Router {
    Router::new().fallback(handle).with_state(office)
}

async fn handle(
    State(office): State<Arc<Office>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = answer(&office, method, &uri, &headers, &body);
    let sid = office.sid("RQ");
    match answer {
        Ok(reply) => reply.into_response(&sid),
        Err(refusal) => refusal.into_response(&sid),
    }
}

fn answer(
    office: &Arc<Office>,
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Reply, Refusal> {
    if !is_known(office, headers) {
        return Err(Refusal::new(401, 20_003, "Authenticate"));
    }
    let form = match method {
        Method::GET | Method::DELETE => Form::read(uri.query().unwrap_or_default().as_bytes()),
        _ => Form::read(body),
    };
    let request = Request {
        office,
        method,
        form,
        address: uri.path_and_query().map_or("", |address| address.as_str()),
    };
    let unknown = || Refusal::unknown(uri.path());
    let account = uri
        .path()
        .strip_prefix("/2010-04-01/Accounts/")
        .ok_or_else(unknown)?;
    let path = account.strip_suffix(".json").unwrap_or(account);
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (account, rest) = segments.split_first().ok_or_else(unknown)?;
    if *account != office.settings.account_sid {
        return Err(unknown());
    }
    dispatch(&request, rest).unwrap_or_else(|| Err(unknown()))
}

/// Finds who answers a path below the account; nothing when nobody does.
fn dispatch(request: &Request<'_>, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    match path {
        [] if request.method == Method::GET => Some(numbers::account(request)),
        ["Balance"] if request.method == Method::GET => Some(numbers::balance(request)),
        ["Calls", rest @ ..] => dispatch_call(request, rest),
        ["Conferences", rest @ ..] => dispatch_conference(request, rest),
        ["Messages", rest @ ..] => dispatch_message(request, rest),
        ["Recordings", rest @ ..] => dispatch_recording(request, rest),
        ["IncomingPhoneNumbers", rest @ ..] => dispatch_number(request, rest),
        _ => None,
    }
}

fn dispatch_call(request: &Request<'_>, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    let answer = match (&request.method, path) {
        (&Method::POST, []) => calls::create(request),
        (&Method::GET, []) => calls::list(request),
        (&Method::POST, [sid]) => calls::update(request, sid),
        (&Method::GET, [sid]) => calls::fetch(request, sid),
        (&Method::POST, [call, "Recordings"]) => recordings::start(request, call),
        (&Method::GET, [call, "Recordings"]) => recordings::list(request, Some(call)),
        (&Method::POST, [call, "Recordings", sid]) => recordings::update(request, call, sid),
        (_, [_, "Recordings", sid]) => return dispatch_recording(request, &[sid]),
        (&Method::POST, [call, "Streams"]) => streams::start(request, call),
        (&Method::POST, [call, "Streams", sid]) => streams::stop(request, call, sid),
        _ => return None,
    };
    Some(answer)
}

fn dispatch_conference(request: &Request<'_>, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    let answer = match (&request.method, path) {
        (&Method::GET, []) => conferences::list(request),
        (&Method::GET, [sid]) => conferences::fetch(request, sid),
        (&Method::POST, [sid]) => conferences::update(request, sid),
        (&Method::GET, [sid, "Participants"]) => conferences::participants(request, sid),
        (&Method::POST, [sid, "Participants"]) => conferences::add(request, sid),
        (&Method::GET, [sid, "Participants", member]) => conferences::look_at(request, sid, member),
        (&Method::POST, [sid, "Participants", member]) => conferences::change(request, sid, member),
        (&Method::DELETE, [sid, "Participants", member]) => {
            conferences::remove(request, sid, member)
        }
        _ => return None,
    };
    Some(answer)
}

fn dispatch_message(request: &Request<'_>, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    let answer = match (&request.method, path) {
        (&Method::POST, []) => messages::create(request),
        (&Method::GET, []) => messages::list(request),
        (&Method::GET, [sid]) => messages::fetch(request, sid),
        _ => return None,
    };
    Some(answer)
}

fn dispatch_recording(request: &Request<'_>, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    let answer = match (&request.method, path) {
        (&Method::GET, []) => recordings::list(request, None),
        (&Method::GET, [sid]) => recordings::fetch(request, sid),
        (&Method::DELETE, [sid]) => recordings::remove(request, sid),
        _ => return None,
    };
    Some(answer)
}

fn dispatch_number(request: &Request<'_>, path: &[&str]) -> Option<Result<Reply, Refusal>> {
    let answer = match (&request.method, path) {
        (&Method::GET, []) => numbers::list(request),
        (&Method::GET, [sid]) => numbers::fetch(request, sid),
        (&Method::POST, [sid]) => numbers::update(request, sid),
        _ => return None,
    };
    Some(answer)
}

/// Returns whether the request carries the account's token or an API key's secret.
fn is_known(office: &Office, headers: &HeaderMap) -> bool {
    let given = || {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let decoded = STANDARD.decode(value.strip_prefix("Basic ")?.trim()).ok()?;
        let text = String::from_utf8(decoded).ok()?;
        text.split_once(':')
            .map(|(name, secret)| (name.to_owned(), secret.to_owned()))
    };
    let settings = &office.settings;
    given().is_some_and(|given| {
        given == (settings.account_sid.clone(), settings.auth_token.clone())
            || settings.api_keys.contains(&given)
    })
}
