//! Single participants of a room: silenced, put out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use room_contract::{Identity, Muting, Participant, ServiceError, TrackKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::auth::MayUseRooms;
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody, Missing};
use super::paths::RoomPath;
use crate::sessions::{Session, Switching};

/// Somebody to silence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Mute {
    /// Who.
    #[schema(value_type = String, example = "bob")]
    identity: Identity,
    /// `false` lifts it, where the LiveKit server allows that; by default `true`.
    muted: Option<bool>,
}

/// Somebody who is silenced, or no longer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Muted {
    #[schema(example = "bob")]
    identity: String,
    muted: bool,
    /// How many of their microphones that is.
    tracks: usize,
}

/// Somebody to put out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Remove {
    /// Who.
    #[schema(value_type = String, example = "bob")]
    identity: Identity,
}

/// Silences a participant for everybody.
#[utoipa::path(post, path = "/room/{room}/mute", tag = "rooms", operation_id = "mute", security(("key" = ["rooms"])),
    params(("room" = String, Path, description = "The room's name")),
    request_body = Mute,
    responses(
        (status = 200, description = "It is so", body = Muted),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 404, description = "No such room is live, or nobody of that identity is in it", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 503, description = "LiveKit did not do it", body = ErrorBody),
    ))]
pub(crate) async fn mute(
    MayUseRooms(caller): MayUseRooms,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    JsonBody { value, .. }: JsonBody<Mute>,
) -> Result<Json<Muted>, ApiError> {
    let session = app.parts().sessions.look(room).await?;
    let somebody = find(&session, &value.identity)?;
    let muted = value.muted.unwrap_or(true);
    let to = if muted {
        Muting::Muted
    } else {
        Muting::Unmuted
    };

    let mut tracks = 0;
    for track in &somebody.tracks {
        if track.kind != TrackKind::Audio {
            continue;
        }
        let rooms = &app.parts().rooms;
        match rooms
            .mute(session.room(), &value.identity, &track.id, to)
            .await
        {
            Ok(()) => tracks += 1,
            Err(ServiceError::Gone) => {} // it was taken back meanwhile
            Err(ServiceError::Refused(_)) if !muted => {
                let problem = "the LiveKit server leaves that to the participant";
                return Err(ApiError::invalid("muted", problem));
            }
            Err(error) => return Err(error.into()),
        }
    }
    app.note(&caller, "participant.mute", session.call().as_str());
    Ok(Json(Muted {
        identity: value.identity.into(),
        muted,
        tracks,
    }))
}

/// Puts a participant out. The agent is switched off by that.
#[utoipa::path(post, path = "/room/{room}/remove", tag = "rooms", operation_id = "remove", security(("key" = ["rooms"])),
    params(("room" = String, Path, description = "The room's name")),
    request_body = Remove,
    responses(
        (status = 204, description = "They are out"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `rooms`", body = ErrorBody),
        (status = 404, description = "No such room is live, or nobody of that identity is in it", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 503, description = "LiveKit did not do it", body = ErrorBody),
    ))]
pub(crate) async fn remove(
    MayUseRooms(caller): MayUseRooms,
    State(app): State<App>,
    RoomPath(room): RoomPath,
    JsonBody { value, .. }: JsonBody<Remove>,
) -> Result<StatusCode, ApiError> {
    let sessions = &app.parts().sessions;
    let session = sessions.look(room).await?;
    find(&session, &value.identity)?;
    let is_agent = session
        .agent()
        .is_some_and(|agent| agent.identity == value.identity);
    if is_agent {
        sessions
            .switch(session.room().clone(), Switching::Off)
            .await?;
    } else {
        match app
            .parts()
            .rooms
            .remove(session.room(), &value.identity)
            .await
        {
            Ok(()) | Err(ServiceError::Gone) => {}
            Err(error) => return Err(error.into()),
        }
    }
    app.note(&caller, "participant.remove", session.call().as_str());
    Ok(StatusCode::NO_CONTENT)
}

fn find<'a>(session: &'a Session, identity: &Identity) -> Result<&'a Participant, ApiError> {
    session
        .people()
        .iter()
        .find(|one| one.identity == *identity)
        .ok_or(ApiError::NotFound(Missing::Participant))
}
