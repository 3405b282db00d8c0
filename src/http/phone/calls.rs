//! Calls by request: placed, ended.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use room_contract::RoomName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::office;
use super::placing::{Guest, Wish, call, other_number, own_number};
use crate::http::App;
use crate::http::auth::{Caller, MayCall};
use crate::http::body::JsonBody;
use crate::http::error::{ApiError, ErrorBody, Missing};
use crate::http::idempotency::IdempotencyKey;
use crate::http::names::{DisplayName, Spoken};
use crate::http::paths::{CallPath, RoomPath};
use crate::http::rooms::chosen_profile;
use crate::phone::Absence;
use crate::wiring::twilio::CallSid;

/// A call to be placed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PlaceCall {
    /// Whom to call: with its country code, or without where `home` is set in `[dialling]`.
    #[schema(example = "+41791234567")]
    to: String,
    /// From which number of the account; by default its only one.
    #[schema(example = "+41443334455")]
    from: Option<String>,
    /// Who talks: the name of a profile; by default the one that answers on that number.
    #[schema(example = "reception")]
    profile: Option<String>,
    /// What the agent is to know, such as why it calls. It becomes part of the conversation's record.
    #[schema(value_type = Option<String>, max_length = 4000, example = "You call Ann about order 17, which is late.")]
    context: Option<Spoken<4000>>,
}

/// A call that was placed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlacedCall {
    /// Twilio's id of it.
    #[schema(example = "CA0123456789abcdef0123456789abcdef")]
    call_sid: String,
    #[schema(example = "phone-CA0123456789abcdef0123456789abcdef")]
    session_id: String,
    #[schema(example = "twilio-CA0123456789abcdef0123456789abcdef")]
    room_name: String,
}

/// Somebody to call into a room.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct DialIn {
    /// Whom to call: with their country code, or without where `home` is set in `[dialling]`.
    #[schema(example = "+41791234567")]
    pub(crate) to: String,
    /// The name to show in the room.
    #[schema(value_type = Option<String>, max_length = 256, example = "Thomas")]
    pub(crate) name: Option<DisplayName>,
    /// What they hear first, and nobody else.
    #[schema(value_type = Option<String>, max_length = 500, example = "Hello Thomas, Ann is waiting for you.")]
    pub(crate) greeting: Option<Spoken<500>>,
}

/// Somebody who is being called into a room.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DialledIn {
    /// Twilio's id of the call.
    #[schema(example = "CA0123456789abcdef0123456789abcdef")]
    call_sid: String,
    /// Who they will be in the room.
    #[schema(example = "phone-CA0123456789abcdef0123456789abcdef")]
    identity: String,
}

/// Calls somebody. The agent talks with them once a person picks up.
#[utoipa::path(post, path = "/phone/call", tag = "calls", operation_id = "placeCall", security(("key" = ["calls"])),
    request_body = PlaceCall,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 characters; the same request with the same key places one call")),
    responses(
        (status = 201, description = "It is being dialled", body = PlacedCall),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`, or the number may not be called", body = ErrorBody),
        (status = 404, description = "This server has no telephone", body = ErrorBody),
        (status = 409, description = "The first request with this key is under way", body = ErrorBody),
        (status = 415, description = "The body is not declared as `application/json`", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 429, description = "As many calls as are allowed were placed", body = ErrorBody),
        (status = 502, description = "The carrier does not take the call", body = ErrorBody),
        (status = 503, description = "Overloaded, stopping, or the carrier cannot be reached", body = ErrorBody),
        (status = 504, description = "The carrier did not answer: there may be a call", body = ErrorBody),
    ))]
pub(crate) async fn place(
    MayCall(caller): MayCall,
    State(app): State<App>,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody { value, digest }: JsonBody<PlaceCall>,
) -> Result<(StatusCode, Json<PlacedCall>), ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    if let Some(profile) = &value.profile {
        chosen_profile(&app, Some(profile))?;
    }
    let from = own_number(office, value.from.as_deref())?;
    let own_profile = office.profile_of(from.e164()).map(ToOwned::to_owned);
    let wish = Wish {
        to: other_number(office, &value.to)?,
        from,
        asked: (key, digest),
        profile: value.profile.or(own_profile),
        context: value.context.map(String::from),
        guest: None,
        script: None,
    };
    let call = call(&app, office, &caller, wish).await?;
    let placed = PlacedCall {
        session_id: format!("phone-{call}"),
        room_name: format!("twilio-{call}"),
        call_sid: call.as_str().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(placed)))
}

/// Calls somebody into a live room. They hear the others, and are heard, once a person picks up.
#[utoipa::path(post, path = "/room/{room}/dial", tag = "rooms", operation_id = "dialIntoRoom", security(("key" = ["calls"])),
    params(("room" = String, Path, description = "The room's name"),
        ("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 characters; the same request with the same key places one call")),
    request_body = DialIn,
    responses(
        (status = 201, description = "They are being dialled", body = DialledIn),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`, or the number may not be called", body = ErrorBody),
        (status = 404, description = "No such room is live, or this server has no telephone", body = ErrorBody),
        (status = 409, description = "The first request with this key is under way", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 429, description = "As many calls as are allowed were placed", body = ErrorBody),
        (status = 502, description = "The carrier does not take the call", body = ErrorBody),
        (status = 503, description = "Overloaded, stopping, or the carrier cannot be reached", body = ErrorBody),
        (status = 504, description = "The carrier did not answer: there may be a call", body = ErrorBody),
    ))]
pub(crate) async fn dial_in(
    MayCall(caller): MayCall,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    IdempotencyKey(key): IdempotencyKey,
    JsonBody { value, digest }: JsonBody<DialIn>,
) -> Result<(StatusCode, Json<DialledIn>), ApiError> {
    let dialled = dial_into(&app, &caller, room, (value, key, digest)).await?;
    Ok((StatusCode::CREATED, Json(dialled)))
}

/// Calls somebody into a live room, on behalf of whoever may ask for it.
pub(crate) async fn dial_into(
    app: &App,
    caller: &Caller,
    room: RoomName,
    (wanted, key, digest): (DialIn, Option<String>, [u8; 32]),
) -> Result<DialledIn, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    app.parts().sessions.find_room(room.clone()).await?;
    let wish = Wish {
        to: other_number(office, &wanted.to)?,
        from: own_number(office, None)?,
        asked: (key, digest),
        profile: None,
        context: None,
        script: None,
        guest: Some(Guest {
            room,
            name: wanted.name.map(String::from),
            greeting: wanted.greeting.map(String::from),
            absence: Absence::Borne,
        }),
    };
    let call = call(app, office, caller, wish).await?;
    Ok(DialledIn {
        identity: format!("phone-{call}"),
        call_sid: call.as_str().to_owned(),
    })
}

/// Ends a live call.
#[utoipa::path(post, path = "/phone/end/{callSid}", tag = "calls", operation_id = "endCall", security(("key" = ["calls"])),
    params(("callSid" = String, Path, description = "Twilio's id of the call, `CA…`")),
    responses(
        (status = 204, description = "It is being hung up"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`", body = ErrorBody),
        (status = 404, description = "No such call is live", body = ErrorBody),
    ))]
pub(crate) async fn end(
    MayCall(caller): MayCall,
    State(app): State<App>,
    CallPath(call): CallPath,
) -> Result<StatusCode, ApiError> {
    let gone = || ApiError::NotFound(Missing::LiveCall);
    let call = CallSid::new(call).map_err(|_| gone())?;
    let telephone = office(&app).map_err(|_| gone())?.telephone();
    if !telephone.hang_up(call.clone()).await {
        return Err(gone());
    }
    app.note(&caller, "call.end", call.as_str());
    Ok(StatusCode::NO_CONTENT)
}
