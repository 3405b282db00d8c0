//! Visits: somebody on a website is let into a room of their own, to talk to the agent.

pub(crate) mod calls;

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ORIGIN,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::App;
use super::auth::Guest;
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody};
use super::names::DisplayName;
use super::peer::Asker;
use super::rooms::{CreateRoom, open_room};
use super::views::CreatedRoom;
use crate::wiring::web::{self, Door, Refused, Visitor};

/// Seconds for which a browser does not ask again whether it may ask.
const PERMISSION_AGE: &str = "600";

/// A visit to begin. Everything may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BeginVisit {
    /// Who the agent is: the name of a profile; by default the server's default profile.
    #[schema(example = "reception")]
    profile: Option<String>,
    /// The visitor's name to show.
    #[schema(value_type = Option<String>, max_length = 256, example = "Ann")]
    name: Option<DisplayName>,
}

/// A visitor's room, and what can be asked for in it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BegunVisit {
    #[serde(flatten)]
    room: CreatedRoom,
    /// Shows later that the visit is one's own: for `/visit/dial` and `/visit/escalate`.
    proof: String,
    offers: Offers,
}

/// What a server offers besides the agent.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Offers {
    /// Whether a human can be called in.
    pub(crate) human: bool,
    /// Whether telephones can be called into the room.
    pub(crate) phone: bool,
}

impl Offers {
    pub(crate) fn of(app: &App) -> Self {
        Self {
            human: app.parts().humans,
            phone: app.phone().is_some(),
        }
    }
}

/// A door that visitors come through, or that their calls go out by.
#[derive(Debug)]
pub(crate) struct Visits(Mutex<Door>);

impl Visits {
    pub(crate) fn new(per_address: u32, per_key: u32) -> Self {
        Self(Mutex::new(web::door(per_address, per_key)))
    }

    /// Lets somebody in, or says why not.
    pub(crate) fn admit(&self, visitor: &Visitor<'_>) -> Result<(), ApiError> {
        let mut door = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        door.admit(Instant::now(), visitor)
            .map_err(|refused| match refused {
                Refused::Origin => ApiError::OriginNotAllowed,
                Refused::TooMany { retry_after } => ApiError::TooMany { retry_after },
            })
    }
}

/// Lets a visitor of a website into a new room with the agent. The token opens that room for that visitor.
#[utoipa::path(post, path = "/visit", tag = "rooms", operation_id = "visit", security(("key" = []), ()),
    request_body = BeginVisit,
    responses(
        (status = 201, description = "The room", body = BegunVisit),
        (status = 400, description = "Not JSON", body = ErrorBody),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key is not for this origin, or is a secret one", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 415, description = "The body is not declared as `application/json`", body = ErrorBody),
        (status = 422, description = "A field is not accepted", body = ErrorBody),
        (status = 429, description = "Too many visits begin; `Retry-After` says when to try again", body = ErrorBody),
        (status = 503, description = "Overloaded, stopping, or LiveKit is not reachable", body = ErrorBody),
    ))]
pub(crate) async fn visit(
    arrival: Arrival,
    State(app): State<App>,
    JsonBody { value, .. }: JsonBody<BeginVisit>,
) -> Result<(StatusCode, Json<BegunVisit>), ApiError> {
    app.visits().admit(&arrival.visitor())?;
    let wanted = CreateRoom::visit(value.profile, value.name);
    let room = open_room(app.clone(), wanted).await?;
    let visit = BegunVisit {
        proof: arrival.proof(&app, &room.room_name),
        offers: Offers::of(&app),
        room,
    };
    Ok((StatusCode::CREATED, Json(visit)))
}

/// Somebody who comes from a page.
pub(crate) struct Arrival {
    guest: Guest,
    address: IpAddr,
    /// The page, as their browser says.
    origin: Option<String>,
}

impl FromRequestParts<App> for Arrival {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let guest = Guest::from_request_parts(parts, app).await?;
        let Ok(Asker(address)) = Asker::from_request_parts(parts, app).await;
        let origin = parts.headers.get(ORIGIN);
        let origin = origin.and_then(|origin| origin.to_str().ok());
        Ok(Self {
            guest,
            address,
            origin: origin.map(str::to_owned),
        })
    }
}

impl Arrival {
    fn visitor(&self) -> Visitor<'_> {
        Visitor {
            address: self.address,
            origin: self.origin.as_deref(),
            key: &self.guest.key,
            origins: &self.guest.origins,
        }
    }

    /// Returns what shows later that a room is theirs.
    fn proof(&self, app: &App, room: &str) -> String {
        app.parts().store.salt().sign(&self.visit(room))
    }

    /// Whoever has guessed a room's name has no proof of it.
    fn prove(&self, app: &App, room: &str, proof: &str) -> Result<(), ApiError> {
        let salt = app.parts().store.salt();
        if salt.has_signed(&self.visit(room), proof) {
            Ok(())
        } else {
            Err(ApiError::NotOwnVisit)
        }
    }

    /// What is signed: the room is theirs, and they came with this key.
    fn visit(&self, room: &str) -> String {
        format!("visit\n{}\n{room}", self.guest.key)
    }
}

/// Answers a browser that asks first whether a page may ask.
pub(crate) async fn permit() -> impl IntoResponse {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key",
        ),
        (ACCESS_CONTROL_MAX_AGE, PERMISSION_AGE),
    ];
    (StatusCode::NO_CONTENT, headers)
}

/// Lets pages of other origins read the answers. Which of them are served, the key decides; nothing here goes by
/// cookies.
pub(crate) async fn across_origins(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let anybody = HeaderValue::from_static("*");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}
