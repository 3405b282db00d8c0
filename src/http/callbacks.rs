//! People who want to be called back.

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp as Time;
use room_contract::RoomName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::auth::{Caller, MayCall, MayRead};
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody, Missing};
use super::idempotency::IdempotencyKey;
use super::names::Spoken;
use super::paths::{CallbackPath, RoomPath};
use super::timestamp::Timestamp;
use crate::callback::{CallbackError, When, Wish};
use crate::dial::{DialError, Keeping, Number};
use crate::escalation::Whose;
use crate::store::CallbackRecord;

/// Somebody wants to be called back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RequestCallback {
    /// Their number; by default the one that they call from.
    #[schema(example = "+41791234567")]
    phone_number: Option<String>,
    /// With whom: a contact by id or name, or what they have to know about; by default whoever is first.
    #[schema(value_type = Option<String>, max_length = 100, example = "thomas")]
    contact: Option<Spoken<100>>,
    /// When, at the earliest. By default, and without `inMinutes`, in a few minutes. Nobody is called outside the hours of
    /// the contacts.
    #[schema(format = DateTime, example = "2026-11-23T09:00:00+01:00")]
    at: Option<String>,
    /// Or in how many minutes.
    in_minutes: Option<u32>,
    /// Why. The contact is told in private.
    #[schema(value_type = Option<String>, max_length = 600, example = "a question about an invoice")]
    reason: Option<Spoken<600>>,
    /// What was said so far, in short. The contact is told in private.
    #[schema(value_type = Option<String>, max_length = 2000)]
    summary: Option<Spoken<2000>>,
}

/// They will be called back.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promised {
    #[schema(example = "0123456789abcdef")]
    callback_id: String,
    /// When, at the earliest.
    due_at: Timestamp,
}

/// Callbacks: those to come in their order, then those that are over, the latest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackList {
    callbacks: Vec<CallbackView>,
    meta: CallbackMeta,
}

/// How many there are in the list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackMeta {
    total: usize,
}

/// A callback.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallbackView {
    #[schema(example = "0123456789abcdef")]
    id: String,
    /// The session in which it was asked for.
    #[schema(example = "web-demo")]
    session_id: String,
    /// `waiting`, `dialling`, `done`, `missed` or `cancelled`.
    #[schema(example = "waiting")]
    state: &'static str,
    /// As much of it as records keep.
    #[schema(example = "+41…67")]
    number: Option<String>,
    /// Who is wanted.
    contact: Option<String>,
    reason: Option<String>,
    /// How often somebody was called for it.
    attempts: u32,
    created_at: Timestamp,
    due_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// Has whoever is in a live room called back later, together with a contact: the contact first, and them once the contact
/// has accepted. Whoever has asked before, by their number, is called once, as they want it now.
#[utoipa::path(post, path = "/room/{room}/callback", tag = "rooms", operation_id = "requestCallback", security(("key" = ["calls"])),
    params(("room" = String, Path, description = "The room's name"),
        ("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 characters; the same request with the same key gets the same answer for ten minutes")),
    request_body = RequestCallback,
    responses(
        (status = 202, description = "They will be called", body = Promised),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`, or the number may not be called", body = ErrorBody),
        (status = 404, description = "No such room is live, or this server has no telephone", body = ErrorBody),
        (status = 409, description = "Nobody is named who could be called, or the first request with this key is under way", body = ErrorBody),
        (status = 422, description = "A field is not accepted, or the number is needed", body = ErrorBody),
        (status = 503, description = "Overloaded, stopping, or the records do not answer", body = ErrorBody),
    ))]
pub(crate) async fn request(
    MayCall(caller): MayCall,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    key: IdempotencyKey,
    JsonBody { value, digest }: JsonBody<RequestCallback>,
) -> Result<(StatusCode, Json<Promised>), ApiError> {
    let asked = (key.of(&caller), digest);
    let work = promise(app.clone(), caller, room, value);
    let promised = app.promises().once(&app.parts().tasks, asked, work).await?;
    Ok((StatusCode::ACCEPTED, Json(promised)))
}

/// Lists callbacks.
#[utoipa::path(get, path = "/callbacks", tag = "calls", operation_id = "listCallbacks", security(("key" = ["read"])),
    responses(
        (status = 200, description = "The next 200", body = CallbackList),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 503, description = "The records cannot be read", body = ErrorBody),
    ))]
pub(crate) async fn list(
    _: MayRead,
    State(app): State<App>,
) -> Result<Json<CallbackList>, ApiError> {
    let keeping = app.parts().store.keeping();
    let found = app.parts().callbacks.list().await?;
    let callbacks: Vec<_> = found
        .into_iter()
        .map(|one| CallbackView::new(one, keeping))
        .collect();
    let meta = CallbackMeta {
        total: callbacks.len(),
    };
    Ok(Json(CallbackList { callbacks, meta }))
}

/// Calls a callback off. Where somebody is being called for it, they are told; one that has come about goes on.
#[utoipa::path(delete, path = "/callbacks/{id}", tag = "calls", operation_id = "cancelCallback", security(("key" = ["calls"])),
    params(("id" = String, Path, description = "The callback's id")),
    responses(
        (status = 204, description = "It is called off"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`", body = ErrorBody),
        (status = 404, description = "There is no such callback", body = ErrorBody),
        (status = 409, description = "It is over", body = ErrorBody),
        (status = 503, description = "The records do not answer", body = ErrorBody),
    ))]
pub(crate) async fn cancel(
    MayCall(caller): MayCall,
    State(app): State<App>,
    CallbackPath(id): CallbackPath,
) -> Result<StatusCode, ApiError> {
    app.parts().callbacks.cancel(&id).await?;
    app.note(&caller, "callback.cancel", &id);
    Ok(StatusCode::NO_CONTENT)
}

async fn promise(
    app: App,
    caller: Caller,
    room: RoomName,
    value: RequestCallback,
) -> Result<Promised, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    let number = value.phone_number.as_deref();
    let number = number.map(|text| office.number(text)).transpose();
    let when = When::read(value.at.as_deref(), value.in_minutes);
    let wish = Wish {
        number: number.map_err(CallbackError::from)?,
        when: when.map_err(|error| ApiError::invalid("at", error.to_string()))?,
        contact: value.contact.map(String::from),
        reason: value.reason.map(String::from),
        summary: value.summary.map(String::from),
        by: caller.0.clone(),
    };
    let whose = Whose::Room(room);
    let promise = app.parts().callbacks.request(whose, wish).await?;
    app.note(&caller, "callback.request", &promise.id);
    Ok(Promised {
        callback_id: promise.id,
        due_at: timestamp(promise.due),
    })
}

impl CallbackView {
    fn new(record: CallbackRecord, keeping: Keeping) -> Self {
        // One that is over holds what is kept and nothing more.
        let number = match &record.ended_at {
            Some(_) => record.number,
            None => record.number.and_then(|text| kept(&text, keeping)),
        };
        Self {
            id: record.id,
            session_id: record.session,
            state: record.state.name(),
            number,
            contact: record.contact,
            reason: record.reason,
            attempts: record.attempts,
            created_at: SystemTime::from(record.created_at).into(),
            due_at: SystemTime::from(record.due_at).into(),
            ended_at: record.ended_at.map(|at| SystemTime::from(at).into()),
        }
    }
}

fn kept(number: &str, keeping: Keeping) -> Option<String> {
    Number::parse(number, None).ok()?.kept(keeping)
}

fn timestamp(time: Time) -> Timestamp {
    SystemTime::from(time).into()
}

impl From<CallbackError> for ApiError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Impossible => Self::NoContacts,
            CallbackError::Gone => Self::NotFound(Missing::Room),
            CallbackError::NumberNeeded => Self::invalid(
                "phoneNumber",
                "nobody knows from which number they call: name it",
            ),
            CallbackError::Number(error) => Self::invalid("phoneNumber", error.to_string()),
            CallbackError::Refused(refusal) => DialError::Refused(refusal).into(),
            CallbackError::Time(why) => Self::invalid("at", why),
            CallbackError::Full => Self::Overloaded,
            CallbackError::Unknown => Self::NotFound(Missing::Callback),
            CallbackError::Over => Self::CallbackOver,
            CallbackError::Records(error) => error.into(),
        }
    }
}
