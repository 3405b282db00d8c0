//! Calls from a visit: the visitor has somebody called into their own room, or asks for a human.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use room_contract::RoomName;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Arrival;
use crate::http::App;
use crate::http::auth::Caller;
use crate::http::body::JsonBody;
use crate::http::error::{ApiError, ErrorBody};
use crate::http::escalations::{Escalate, Escalated, call_in};
use crate::http::idempotency::IdempotencyKey;
use crate::http::names::{DisplayName, Spoken};
use crate::http::phone::calls::{DialIn, DialledIn, dial_into};

/// Somebody to call into one's own room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VisitDial {
    /// The room of the visit.
    #[schema(value_type = String, example = "web-abcdefghijkl")]
    room_name: RoomName,
    /// The `proof` that came with it.
    proof: String,
    /// Whom to call: with their country code, or without where `home` is set in `[dialling]`.
    #[schema(example = "+41791234567")]
    to: String,
    /// The name to show in the room.
    #[schema(value_type = Option<String>, max_length = 256, example = "Thomas")]
    name: Option<DisplayName>,
}

/// A human is wanted in one's own room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VisitEscalate {
    /// The room of the visit.
    #[schema(value_type = String, example = "web-abcdefghijkl")]
    room_name: RoomName,
    /// The `proof` that came with it.
    proof: String,
    /// Who: a contact by id or name, or what they have to know about; by default whoever is first.
    #[schema(value_type = Option<String>, max_length = 100, example = "thomas")]
    contact: Option<Spoken<100>>,
    /// Why. The contact is told in private.
    #[schema(value_type = Option<String>, max_length = 600, example = "a question about an invoice")]
    reason: Option<Spoken<600>>,
    /// The visitor's own telephone, which is called into the room as well.
    #[schema(example = "+41791234567")]
    caller_number: Option<String>,
}

/// Calls somebody into the room of one's own visit. Whoever may be called, and how often, the dial policy decides.
#[utoipa::path(post, path = "/visit/dial", tag = "rooms", operation_id = "visitDial", security(("key" = []), ()),
    request_body = VisitDial,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 characters; the same request with the same key places one call")),
    responses(
        (status = 201, description = "They are being dialled", body = DialledIn),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key is not for this origin, the proof is not that of the room, or the number may not be called", body = ErrorBody),
        (status = 404, description = "The room is no longer live, or this server has no telephone", body = ErrorBody),
        (status = 409, description = "The first request with this key is under way", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 429, description = "As many calls as are allowed were placed", body = ErrorBody),
        (status = 502, description = "The carrier does not take the call", body = ErrorBody),
        (status = 503, description = "Overloaded, stopping, or the carrier cannot be reached", body = ErrorBody),
        (status = 504, description = "The carrier did not answer: there may be a call", body = ErrorBody),
    ))]
pub(crate) async fn dial(
    arrival: Arrival,
    State(app): State<App>,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody { value, digest }: JsonBody<VisitDial>,
) -> Result<(StatusCode, Json<DialledIn>), ApiError> {
    app.visit_calls().admit(&arrival.visitor())?;
    arrival.prove(&app, value.room_name.as_str(), &value.proof)?;
    let wanted = DialIn {
        to: value.to,
        name: value.name,
        greeting: None,
    };
    let caller = Caller(arrival.guest.key);
    let dialled = dial_into(&app, &caller, value.room_name, (wanted, key, digest)).await?;
    Ok((StatusCode::CREATED, Json(dialled)))
}

/// Has a human brought into the room of one's own visit. While one is under way, or there, its id is returned.
#[utoipa::path(post, path = "/visit/escalate", tag = "rooms", operation_id = "visitEscalate", security(("key" = []), ()),
    request_body = VisitEscalate,
    responses(
        (status = 202, description = "Somebody is being called", body = Escalated),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key is not for this origin, or the proof is not that of the room", body = ErrorBody),
        (status = 404, description = "The room is no longer live, or this server has no telephone", body = ErrorBody),
        (status = 409, description = "Nobody is named who could be called", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 429, description = "Too many ask; `Retry-After` says when to try again", body = ErrorBody),
        (status = 503, description = "Overloaded or stopping", body = ErrorBody),
    ))]
pub(crate) async fn escalate(
    arrival: Arrival,
    State(app): State<App>,
    JsonBody { value, .. }: JsonBody<VisitEscalate>,
) -> Result<(StatusCode, Json<Escalated>), ApiError> {
    app.visit_calls().admit(&arrival.visitor())?;
    arrival.prove(&app, value.room_name.as_str(), &value.proof)?;
    let wanted = Escalate {
        contact: value.contact,
        reason: value.reason,
        summary: None,
        caller_number: value.caller_number,
    };
    let caller = Caller(arrival.guest.key);
    let escalated = call_in(&app, &caller, value.room_name, wanted).await?;
    Ok((StatusCode::ACCEPTED, Json(escalated)))
}
