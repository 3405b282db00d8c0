//! Rooms: create, join, look, end.

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use room_contract::{Admission, Grants, Identity, RoomName, Token};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::App;
use super::auth::{MayRead, MayUseRooms};
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody};
use super::idempotency::IdempotencyKey;
use super::names::{DisplayName, GuestIdentity, random_host, random_room};
use super::paths::RoomPath;
use super::views::{CreatedRoom, JoinedRoom, RoomView};
use crate::sessions::{AgentWish, CallId, Channel, Opening, Session, SessionId};

/// A room to create. Everything may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateRoom {
    /// Its name; without one it gets `web-` and twelve random characters.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 256, example = "demo")]
    room_name: Option<RoomName>,
    /// Who the host is; without one `host-` and twelve random characters.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 256, example = "ann")]
    host_identity: Option<GuestIdentity>,
    /// The host's name to show.
    #[schema(value_type = Option<String>, max_length = 256, example = "Ann")]
    host_name: Option<DisplayName>,
    /// Who the agent is: the name of a profile; by default the server's default profile.
    #[schema(example = "reception")]
    profile: Option<String>,
    /// Whether an agent takes part; by default it does where the server has one.
    agent: Option<bool>,
    /// Carried by the LiveKit room: a text as it is, anything else as JSON.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// A participant to let in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct JoinRoom {
    /// The room.
    #[schema(value_type = String, min_length = 1, max_length = 256, example = "demo")]
    room_name: RoomName,
    /// Who joins; whoever is in the room under the same identity is put out.
    #[schema(value_type = String, min_length = 1, max_length = 256, example = "bob")]
    participant_identity: GuestIdentity,
    /// The name to show.
    #[schema(value_type = Option<String>, max_length = 256, example = "Bob")]
    participant_name: Option<DisplayName>,
}

/// Creates a room and its session, and lets the host in.
#[utoipa::path(post, path = "/room/create", tag = "rooms", operation_id = "createRoom", security(("key" = ["rooms"])),
    request_body = CreateRoom,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 characters; the same request with the same key gets the same answer for ten minutes")),
    responses(
        (status = 201, description = "The room", body = CreatedRoom),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 409, description = "The name is in use, or the first request with this key is under way", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 415, description = "The body is not declared as `application/json`", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 503, description = "Overloaded, stopping, or LiveKit is not reachable", body = ErrorBody),
    ))]
pub(crate) async fn create(
    MayUseRooms(caller): MayUseRooms,
    State(app): State<App>,
    key: IdempotencyKey,
    JsonBody { value, digest }: JsonBody<CreateRoom>,
) -> Result<(StatusCode, Json<CreatedRoom>), ApiError> {
    let asked = (key.of(&caller), digest);
    let work = open_room(app.clone(), value);
    let room = app
        .created_rooms()
        .once(&app.parts().tasks, asked, work)
        .await?;
    Ok((StatusCode::CREATED, Json(room)))
}

/// Lets a participant into a live room.
#[utoipa::path(post, path = "/room/join", tag = "rooms", operation_id = "joinRoom", security(("key" = ["rooms"])),
    request_body = JoinRoom,
    responses(
        (status = 200, description = "The way in", body = JoinedRoom),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 404, description = "No such room is live", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 415, description = "The body is not declared as `application/json`", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
    ))]
pub(crate) async fn join(
    _: MayUseRooms,
    State(app): State<App>,
    JsonBody { value, .. }: JsonBody<JoinRoom>,
) -> Result<Json<JoinedRoom>, ApiError> {
    let session = app.parts().sessions.announce(value.room_name).await?;
    let identity = value.participant_identity.0;
    let token = token_for(&app, session.room(), identity, value.participant_name)?;
    Ok(Json(joined(&app, &session, &token)))
}

/// Returns a live room and who is in it, as LiveKit says at this moment.
#[utoipa::path(get, path = "/room/{room}", tag = "rooms", operation_id = "showRoom", security(("key" = ["read"])),
    params(("room" = String, Path, description = "The room's name")),
    responses(
        (status = 200, description = "The room", body = RoomView),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 404, description = "No such room is live", body = ErrorBody),
        (status = 503, description = "LiveKit is not reachable", body = ErrorBody),
    ))]
pub(crate) async fn show(
    _: MayRead,
    State(app): State<App>,
    RoomPath(room): RoomPath,
) -> Result<Json<RoomView>, ApiError> {
    let session = app.parts().sessions.look(room.clone()).await?;
    // What does not answer is not shown.
    let escalation = app.parts().escalations.look(room).await.ok().flatten();
    Ok(Json(RoomView::new(&session, escalation.map(Into::into))))
}

/// Ends a room's session and puts everybody out.
#[utoipa::path(delete, path = "/room/{room}", tag = "rooms", operation_id = "endRoom", security(("key" = ["rooms"])),
    params(("room" = String, Path, description = "The room's name")),
    responses(
        (status = 204, description = "Everybody is out"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 404, description = "No such room is live", body = ErrorBody),
        (status = 503, description = "LiveKit is not reachable; the session has ended", body = ErrorBody),
    ))]
pub(crate) async fn end(
    MayUseRooms(caller): MayUseRooms,
    State(app): State<App>,
    RoomPath(room): RoomPath,
) -> Result<StatusCode, ApiError> {
    app.parts().sessions.end(room.clone()).await?;
    app.note(&caller, "room.end", room.as_str());
    Ok(StatusCode::NO_CONTENT)
}

impl CreateRoom {
    /// Wishes for a visitor's room, which nobody else has the name of.
    pub(crate) fn visit(profile: Option<String>, name: Option<DisplayName>) -> Self {
        Self {
            profile,
            host_name: name,
            ..Self::default()
        }
    }
}

/// Opens a room's session and lets its host in.
pub(crate) async fn open_room(app: App, wanted: CreateRoom) -> Result<CreatedRoom, ApiError> {
    let agent = agent_wish(&app, &wanted)?;
    let profile = chosen_profile(&app, wanted.profile.as_deref())?;
    let room = wanted.room_name.unwrap_or_else(random_room);
    let host = wanted
        .host_identity
        .map_or_else(random_host, |guest| guest.0);

    let session = app
        .parts()
        .sessions
        .open(Opening {
            channel: Channel::Web,
            id: SessionId::of_web_room(&room),
            call: CallId::random(),
            room: room.clone(),
            agent,
            profile,
            metadata: wanted.metadata.map(as_text).unwrap_or_default(),
            context: None,
            at: SystemTime::now(),
        })
        .await?;

    let token = token_for(&app, &room, host, wanted.host_name)?;
    Ok(CreatedRoom {
        room_url: room_url(&app, &room),
        room_name: room.into(),
        token: token.expose().to_owned(),
        livekit_url: app.parts().addresses.livekit.clone(),
        session_id: session.id().clone(),
    })
}

/// Returns the name of the profile that was asked for, or of the default one.
pub(crate) fn chosen_profile(app: &App, wanted: Option<&str>) -> Result<Option<String>, ApiError> {
    let profiles = &app.parts().profiles;
    match (profiles.get(wanted), wanted) {
        (Some((name, _)), _) => Ok(Some(name.to_owned())),
        (None, None) => Ok(None),
        (None, Some(_)) if profiles.all.is_empty() => Err(ApiError::invalid(
            "profile",
            "this server has no agent profiles",
        )),
        (None, Some(_)) => {
            let names: Vec<_> = profiles.all.keys().map(String::as_str).collect();
            let problem = format!("there is no such profile; there are: {}", names.join(", "));
            Err(ApiError::invalid("profile", problem))
        }
    }
}

/// Where there is no agent none can be had.
fn agent_wish(app: &App, wanted: &CreateRoom) -> Result<AgentWish, ApiError> {
    match (wanted.agent, app.parts().agent) {
        (Some(false), _) => Ok(AgentWish::Unwanted),
        (None, available) => Ok(available),
        (Some(true), AgentWish::Wanted) => Ok(AgentWish::Wanted),
        (Some(true), AgentWish::Unwanted) => {
            Err(ApiError::invalid("agent", "this server has no agent"))
        }
    }
}

fn token_for(
    app: &App,
    room: &RoomName,
    identity: Identity,
    name: Option<DisplayName>,
) -> Result<Token, ApiError> {
    let admission = Admission {
        name: name.unwrap_or_default().into(),
        ..guest_admission(room.clone(), identity)
    };
    Ok(app.parts().rooms.token(&admission)?)
}

/// Returns as what somebody with a browser is let in.
pub(crate) fn guest_admission(room: RoomName, identity: Identity) -> Admission {
    Admission {
        // Guests do not rewrite what connectors and agents rely on, such as `channel`.
        grants: Grants {
            update_own_metadata: false,
            ..Grants::default()
        },
        attributes: [("channel".to_owned(), Channel::Web.name().to_owned())].into(),
        ..Admission::person(room, identity)
    }
}

/// Returns somebody's way into a live room.
pub(crate) fn joined(app: &App, session: &Session, token: &Token) -> JoinedRoom {
    JoinedRoom {
        token: token.expose().to_owned(),
        livekit_url: app.parts().addresses.livekit.clone(),
        room_name: session.room().to_string(),
        agent_present: session.has_agent(),
        session_id: session.id().clone(),
    }
}

fn room_url(app: &App, room: &RoomName) -> String {
    let mut url = app.parts().addresses.patchbay.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("room").push(room.as_str());
    }
    url.into()
}

fn as_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
