//! A human is wanted in a room.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use room_contract::RoomName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::auth::{Caller, MayCall};
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody, Missing};
use super::names::Spoken;
use super::paths::RoomPath;
use crate::escalation::{EscalationError, View, Whose, Wish};

/// A human is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Escalate {
    /// Who: a contact by id or name, or what they have to know about; by default whoever is first.
    #[schema(value_type = Option<String>, max_length = 100, example = "thomas")]
    pub(crate) contact: Option<Spoken<100>>,
    /// Why. The contact is told in private.
    #[schema(value_type = Option<String>, max_length = 600, example = "a question about an invoice")]
    pub(crate) reason: Option<Spoken<600>>,
    /// What was said so far, in short. The contact is told in private.
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub(crate) summary: Option<Spoken<2000>>,
    /// The caller's own telephone, which is called into the room as well.
    #[schema(example = "+41791234567")]
    pub(crate) caller_number: Option<String>,
}

/// A human is being called.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Escalated {
    #[schema(example = "esc-0123456789abcdef")]
    escalation_id: String,
}

/// An escalation, as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EscalationView {
    #[schema(example = "esc-0123456789abcdef")]
    id: String,
    /// Who is being called, or is there.
    #[schema(example = "Thomas")]
    contact: Option<String>,
    /// `dialling`, `briefing`, `connected`, `failed` or `over`.
    #[schema(example = "dialling")]
    state: &'static str,
}

impl From<View> for EscalationView {
    fn from(view: View) -> Self {
        Self {
            id: view.id.to_string(),
            contact: view.contact,
            state: view.stage.name(),
        }
    }
}

/// Has a human brought into a live room. They are briefed in private and come in once they accept; the caller hears
/// music meanwhile, and is told when nobody comes. While one is under way, or there, its id is returned.
#[utoipa::path(post, path = "/room/{room}/escalate", tag = "rooms", operation_id = "escalate", security(("key" = ["calls"])),
    params(("room" = String, Path, description = "The room's name")),
    request_body = Escalate,
    responses(
        (status = 202, description = "Somebody is being called", body = Escalated),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`", body = ErrorBody),
        (status = 404, description = "No such room is live", body = ErrorBody),
        (status = 409, description = "Nobody is named who could be called", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 503, description = "Overloaded or stopping", body = ErrorBody),
    ))]
pub(crate) async fn escalate(
    MayCall(caller): MayCall,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    JsonBody { value, .. }: JsonBody<Escalate>,
) -> Result<(StatusCode, Json<Escalated>), ApiError> {
    let escalated = call_in(&app, &caller, room, value).await?;
    Ok((StatusCode::ACCEPTED, Json(escalated)))
}

/// Has a human brought into a live room, on behalf of whoever may ask for it.
pub(crate) async fn call_in(
    app: &App,
    caller: &Caller,
    room: RoomName,
    value: Escalate,
) -> Result<Escalated, ApiError> {
    let number = match &value.caller_number {
        Some(text) => Some(caller_number(app, text)?),
        None => None,
    };
    let wish = Wish {
        contact: value.contact.map(String::from),
        reason: value.reason.map(String::from),
        summary: value.summary.map(String::from),
        caller_number: number,
        by: caller.0.clone(),
    };
    let whose = Whose::Room(room.clone());
    let id = app.parts().escalations.begin(whose, wish).await?;
    app.note(caller, "room.escalate", room.as_str());
    Ok(Escalated {
        escalation_id: id.to_string(),
    })
}

fn caller_number(app: &App, text: &str) -> Result<crate::dial::Number, ApiError> {
    let office = app.phone().ok_or(ApiError::NoTelephone)?;
    office
        .number(text)
        .map_err(|error| ApiError::invalid("callerNumber", error.to_string()))
}

impl From<EscalationError> for ApiError {
    fn from(error: EscalationError) -> Self {
        match error {
            EscalationError::NoContacts => Self::NoContacts,
            EscalationError::Gone => Self::NotFound(Missing::Room),
            EscalationError::Overloaded => Self::Overloaded,
            EscalationError::Stopped => Self::Draining,
        }
    }
}
