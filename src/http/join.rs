//! A contact's join link: the page that opens it, the invitation, and the two answers to it.

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use room_contract::Admission;
use room_contract::role::{CONTACT, ROLE};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::error::{ApiError, ErrorBody, Missing};
use super::rooms::guest_admission;
use super::views::JoinedRoom;
use super::{page, rooms};
use crate::invitation::{Briefing, Invitation, NotWelcome};
use crate::ticket::Ticket;

/// An invitation, as the contact reads it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvitationView {
    /// Who is invited.
    #[schema(example = "Thomas")]
    contact: String,
    briefing: BriefingView,
}

/// Who waits, and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BriefingView {
    #[schema(example = "Ann")]
    caller: Option<String>,
    #[schema(example = "a question about an invoice")]
    reason: Option<String>,
    /// The conversation so far, in short.
    summary: Option<String>,
}

/// A contact's way in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JoinedContact {
    #[serde(flatten)]
    room: JoinedRoom,
    briefing: BriefingView,
}

/// The ticket that a path brings. Any text may be one.
pub(crate) struct JoinTicket(Ticket);

/// Serves the page that shows an invitation. Looking at it uses nothing up: programs look at links as well.
pub(crate) async fn show(State(app): State<App>) -> Response {
    page::for_contact(&app)
}

/// Returns an invitation. It stays good.
#[utoipa::path(get, path = "/join/{ticket}/invitation", tag = "rooms", operation_id = "showInvitation", security(()),
    params(("ticket" = String, Path, description = "From the link that the contact was sent")),
    responses(
        (status = 200, description = "The invitation", body = InvitationView),
        (status = 404, description = "It was used, taken back, or is too old", body = ErrorBody),
    ))]
pub(crate) async fn read(
    State(app): State<App>,
    JoinTicket(ticket): JoinTicket,
) -> Result<Json<InvitationView>, ApiError> {
    let invitation = app.parts().invitations.read(&ticket);
    let Invitation {
        contact, briefing, ..
    } = invitation.ok_or(ApiError::NotFound(Missing::Invitation))?;
    Ok(Json(InvitationView {
        contact,
        briefing: briefing.into(),
    }))
}

/// Accepts an invitation: lets the contact into the one room, once.
#[utoipa::path(post, path = "/join/{ticket}", tag = "rooms", operation_id = "acceptInvitation", security(()),
    params(("ticket" = String, Path, description = "From the link that the contact was sent")),
    responses(
        (status = 200, description = "The way in", body = JoinedContact),
        (status = 404, description = "It was used, taken back, or is too old", body = ErrorBody),
        (status = 410, description = "Somebody else was faster, or nobody waits any more", body = ErrorBody),
        (status = 503, description = "LiveKit is not reachable", body = ErrorBody),
    ))]
pub(crate) async fn accept(
    State(app): State<App>,
    JoinTicket(ticket): JoinTicket,
) -> Result<Json<JoinedContact>, ApiError> {
    let guest = app.parts().invitations.accept(&ticket).await?;
    let Invitation {
        room,
        contact,
        briefing,
    } = guest.invitation;
    let session = app.parts().sessions.announce(room).await?;
    let mut admission = Admission {
        name: contact,
        ..guest_admission(session.room().clone(), guest.identity)
    };
    let role = (ROLE.to_owned(), CONTACT.to_owned());
    admission.attributes.extend([role]);
    let token = app.parts().rooms.token(&admission)?;
    Ok(Json(JoinedContact {
        room: rooms::joined(&app, &session, &token),
        briefing: briefing.into(),
    }))
}

/// Declines an invitation; it is no longer good.
#[utoipa::path(post, path = "/join/{ticket}/decline", tag = "rooms", operation_id = "declineInvitation", security(()),
    params(("ticket" = String, Path, description = "From the link that the contact was sent")),
    responses(
        (status = 204, description = "Whoever invited knows"),
        (status = 404, description = "It was used, taken back, or is too old", body = ErrorBody),
    ))]
pub(crate) async fn decline(
    State(app): State<App>,
    JoinTicket(ticket): JoinTicket,
) -> Result<StatusCode, ApiError> {
    if !app.parts().invitations.decline(&ticket) {
        return Err(ApiError::NotFound(Missing::Invitation));
    }
    Ok(StatusCode::NO_CONTENT)
}

impl<S: Send + Sync> FromRequestParts<S> for JoinTicket {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(text)| Self(Ticket::brought(&text)))
            .map_err(|_| ApiError::NotFound(Missing::Invitation))
    }
}

impl From<Briefing> for BriefingView {
    fn from(briefing: Briefing) -> Self {
        Self {
            caller: briefing.caller,
            reason: briefing.reason,
            summary: briefing.summary,
        }
    }
}

impl From<NotWelcome> for ApiError {
    fn from(error: NotWelcome) -> Self {
        match error {
            NotWelcome::Unknown => Self::NotFound(Missing::Invitation),
            NotWelcome::TooLate => Self::TooLate,
        }
    }
}
