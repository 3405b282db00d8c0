//! The agent of a room: on, off, and what it says.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::auth::MayUseRooms;
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody};
use super::paths::RoomPath;
use super::rooms::chosen_profile;
use crate::sessions::{AgentWish, Switching};

/// Characters that an agent is told to say at once: about three minutes.
const LONGEST_SAYING: usize = 2_000;

/// The agent to be switched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SwitchAgent {
    /// Whether it takes part from now on.
    enable: bool,
    /// Who it is from now on: the name of a profile; by default who it was.
    #[schema(example = "reception")]
    profile: Option<String>,
}

/// How the agent is now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SwitchedAgent {
    /// Whether an agent is in the room or on its way.
    agent_present: bool,
}

/// Words for the agent to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Saying {
    /// The words.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "We close in five minutes."
    )]
    text: String,
}

/// Switches the agent of a room on or off. Off: it leaves, nothing is transcribed or sent to a provider. On: it returns
/// with the conversation up to then.
#[utoipa::path(post, path = "/room/{room}/agent", tag = "rooms", operation_id = "switchAgent", security(("key" = ["rooms"])),
    params(("room" = String, Path, description = "The room's name")),
    request_body = SwitchAgent,
    responses(
        (status = 200, description = "It is so", body = SwitchedAgent),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 404, description = "No such room is live", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
    ))]
pub(crate) async fn switch(
    MayUseRooms(caller): MayUseRooms,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    JsonBody { value, .. }: JsonBody<SwitchAgent>,
) -> Result<Json<SwitchedAgent>, ApiError> {
    let (to, action) = if value.enable {
        if app.parts().agent == AgentWish::Unwanted {
            return Err(ApiError::invalid("enable", "this server has no agent"));
        }
        let profile = match value.profile {
            Some(name) => chosen_profile(&app, Some(&name))?,
            None => None,
        };
        (Switching::On { profile }, "agent.on")
    } else {
        if value.profile.is_some() {
            let problem = "it belongs to `enable: true`";
            return Err(ApiError::invalid("profile", problem));
        }
        (Switching::Off, "agent.off")
    };
    let session = app.parts().sessions.switch(room, to).await?;
    app.note(&caller, action, session.call().as_str());
    Ok(Json(SwitchedAgent {
        agent_present: session.has_agent(),
    }))
}

/// Has the agent of a room say something, as soon as it is its turn.
#[utoipa::path(post, path = "/room/{room}/say", tag = "rooms", operation_id = "say", security(("key" = ["rooms"])),
    params(("room" = String, Path, description = "The room's name")),
    request_body = Saying,
    responses(
        (status = 202, description = "The agent will say it"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 404, description = "No such room is live", body = ErrorBody),
        (status = 409, description = "No agent is there", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 503, description = "The agent has as much to say as it takes", body = ErrorBody),
    ))]
pub(crate) async fn say(
    MayUseRooms(caller): MayUseRooms,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    JsonBody { value, .. }: JsonBody<Saying>,
) -> Result<StatusCode, ApiError> {
    let text = value.text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_SAYING {
        let problem = format!("it takes 1 to {LONGEST_SAYING} characters");
        return Err(ApiError::invalid("text", problem));
    }
    let session = app.parts().sessions.say(room, text.to_owned()).await?;
    app.note(&caller, "agent.say", session.call().as_str());
    Ok(StatusCode::ACCEPTED)
}
