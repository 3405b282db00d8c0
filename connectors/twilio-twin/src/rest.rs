//! Twilio's REST API, as far as the twin has it: Basic auth, forms in, JSON out, Twilio's errors.

mod calls;
mod conferences;
mod form;
mod numbers;
mod reply;

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
    let is_post = request.method == Method::POST;
    let is_get = request.method == Method::GET;
    let is_delete = request.method == Method::DELETE;
    let answer = match path {
        [] if is_get => numbers::account(request),
        ["Calls"] if is_post => calls::create(request),
        ["Calls"] if is_get => calls::list(request),
        ["Calls", sid] if is_post => calls::update(request, sid),
        ["Calls", sid] if is_get => calls::fetch(request, sid),
        ["Conferences"] if is_get => conferences::list(request),
        ["Conferences", sid] if is_get => conferences::fetch(request, sid),
        ["Conferences", sid] if is_post => conferences::update(request, sid),
        ["Conferences", sid, "Participants"] if is_get => conferences::participants(request, sid),
        ["Conferences", sid, "Participants"] if is_post => conferences::add(request, sid),
        ["Conferences", sid, "Participants", member] if is_get => {
            conferences::look_at(request, sid, member)
        }
        ["Conferences", sid, "Participants", member] if is_post => {
            conferences::change(request, sid, member)
        }
        ["Conferences", sid, "Participants", member] if is_delete => {
            conferences::remove(request, sid, member)
        }
        ["IncomingPhoneNumbers"] if is_get => numbers::list(request),
        ["IncomingPhoneNumbers", sid] if is_get => numbers::fetch(request, sid),
        ["IncomingPhoneNumbers", sid] if is_post => numbers::update(request, sid),
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
