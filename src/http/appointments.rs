//! Appointments with contacts: the list, one as a calendar file, taking one back.

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::auth::{MayCall, MayRead};
use super::error::{ApiError, ErrorBody, Missing};
use super::paths::AppointmentPath;
use super::timestamp::Timestamp;
use crate::appointments::{DiaryError, file};
use crate::store::{AppointmentRecord, Moment};

/// Appointments that are not over, the next one first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppointmentList {
    appointments: Vec<AppointmentView>,
    meta: AppointmentMeta,
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AppointmentMeta {
    total: usize,
}

/// An appointment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppointmentView {
    #[schema(example = "apt-0123456789abcdef")]
    id: String,
    /// Who is met: a contact, by id.
    #[schema(example = "thomas")]
    contact: String,
    start: Timestamp,
    end: Timestamp,
    /// The session that it was made in.
    session_id: Option<String>,
    /// What whoever comes is called.
    #[schema(example = "Ann")]
    name: Option<String>,
    /// As much of their number as is kept.
    #[schema(example = "+41…67")]
    phone_number: Option<String>,
    /// Why they come.
    reason: Option<String>,
    created_at: Timestamp,
}

impl From<AppointmentRecord> for AppointmentView {
    fn from(record: AppointmentRecord) -> Self {
        Self {
            id: record.id,
            contact: record.contact,
            start: shown(record.start),
            end: shown(record.end),
            session_id: record.session,
            name: record.name,
            phone_number: record.number,
            reason: record.reason,
            created_at: shown(record.created_at),
        }
    }
}

/// Lists the appointments that are not over, the next one first, 500 at most.
#[utoipa::path(get, path = "/appointments", tag = "history", operation_id = "listAppointments", security(("key" = ["read"])),
    responses(
        (status = 200, description = "The appointments", body = AppointmentList),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 503, description = "The records do not answer", body = ErrorBody),
    ))]
pub(crate) async fn list(
    _: MayRead,
    State(app): State<App>,
) -> Result<Json<AppointmentList>, ApiError> {
    let found = app.parts().appointments.list().await?;
    let appointments: Vec<_> = found.into_iter().map(AppointmentView::from).collect();
    let meta = AppointmentMeta {
        total: appointments.len(),
    };
    Ok(Json(AppointmentList { appointments, meta }))
}

/// Returns an appointment as calendars read it.
#[utoipa::path(get, path = "/appointments/{id}/calendar.ics", tag = "history", operation_id = "showAppointmentFile",
    security(("key" = ["read"])),
    params(("id" = String, Path, description = "The appointment's id")),
    responses(
        (status = 200, description = "A file as RFC 5545 has it", body = String, content_type = "text/calendar"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 404, description = "There is no such appointment", body = ErrorBody),
        (status = 503, description = "The records do not answer", body = ErrorBody),
    ))]
pub(crate) async fn calendar(
    _: MayRead,
    State(app): State<App>,
    AppointmentPath(id): AppointmentPath,
) -> Result<Response, ApiError> {
    let (record, contact) = app.parts().appointments.find(&id).await?;
    let headers = [
        (CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"appointment.ics\"",
        ),
    ];
    Ok((headers, file(&record, &contact)).into_response())
}

/// Takes an appointment back. The contact is told.
#[utoipa::path(delete, path = "/appointments/{id}", tag = "history", operation_id = "cancelAppointment",
    security(("key" = ["calls"])),
    params(("id" = String, Path, description = "The appointment's id")),
    responses(
        (status = 204, description = "There is no such appointment any more"),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `calls`", body = ErrorBody),
        (status = 404, description = "There is no such appointment", body = ErrorBody),
        (status = 503, description = "The records do not answer", body = ErrorBody),
    ))]
pub(crate) async fn cancel(
    MayCall(caller): MayCall,
    State(app): State<App>,
    AppointmentPath(id): AppointmentPath,
) -> Result<StatusCode, ApiError> {
    app.parts().appointments.cancel(&id).await?;
    app.note(&caller, "appointment.cancel", &id);
    Ok(StatusCode::NO_CONTENT)
}

impl From<DiaryError> for ApiError {
    fn from(error: DiaryError) -> Self {
        match error {
            DiaryError::Unknown => Self::NotFound(Missing::Appointment),
            DiaryError::Records(source) => source.into(),
            // Nobody books here.
            DiaryError::Nobody | DiaryError::Taken | DiaryError::TooMany | DiaryError::Stopped => {
                Self::Draining
            }
        }
    }
}

fn shown(moment: Moment) -> Timestamp {
    SystemTime::from(moment).into()
}
