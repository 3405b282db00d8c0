//! History: calls that were and are, what was said in them, figures.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::App;
use super::auth::{MayAdminister, MayRead};
use super::body::JsonBody;
use super::error::{ApiError, ErrorBody, Missing};
use super::params::{Params, When};
use super::paths::CallPath;
use super::records::{CallDetail, CallList, StatsView};
use crate::dial::Number;
use crate::store::{CallFilter, Moment, Period, Position};

/// Calls on a page when nobody says how many.
const USUAL_PAGE: u32 = 50;

/// Calls on a page at most.
const LARGEST_PAGE: u32 = 200;

/// Messages and events, each, of one call: hours of talk.
const MOST_ENTRIES: u32 = 5_000;

/// Which calls to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallQuery {
    /// How many, 1 to 200.
    limit: Option<u32>,
    /// The `nextCursor` of the page before.
    cursor: Option<String>,
    /// Only of this channel.
    channel: Option<String>,
    /// Only in this state: `created`, `ringing`, `active`, `escalating`, `ended`.
    status: Option<String>,
    /// Only with this profile.
    profile: Option<String>,
    /// Only those that ended for this reason, such as `caller-left`.
    reason: Option<String>,
    /// Only phone calls of this direction: `inbound`, `outbound`.
    direction: Option<String>,
    /// Only phone calls from or to this number, written as `+41791234567`.
    number: Option<String>,
    /// Only those that began then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<When>,
    /// Only those that began before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<When>,
}

/// From when to when.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// Only calls that began then or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<When>,
    /// Only calls that began before.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<When>,
}

/// Whose records go.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EraseBody {
    /// Written as `+41791234567`.
    number: String,
}

/// What was erased.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Erased {
    /// How many calls there were.
    calls: u64,
}

/// Lists calls, the newest first.
#[utoipa::path(get, path = "/api/v1/calls", tag = "history", operation_id = "listCalls", security(("key" = ["read"])),
    params(CallQuery),
    responses(
        (status = 200, description = "A page of them", body = CallList),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 422, description = "A parameter is not accepted", body = ErrorBody),
        (status = 503, description = "The records cannot be read", body = ErrorBody),
    ))]
pub(crate) async fn list(
    _: MayRead,
    State(app): State<App>,
    Params(query): Params<CallQuery>,
) -> Result<Json<CallList>, ApiError> {
    let limit = query.limit.unwrap_or(USUAL_PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let problem = format!("it lies between 1 and {LARGEST_PAGE}");
        return Err(ApiError::invalid("limit", problem));
    }
    let after = query.cursor.as_deref().map(position).transpose()?;
    let store = &app.parts().store;
    let number = query.number.as_deref().map(number).transpose()?;
    let filter = CallFilter {
        reason: query.reason,
        direction: query.direction,
        number: number.map(|number| number.digest(store.salt())),
        channel: query.channel,
        status: query.status,
        profile: query.profile,
        from: query.from.map(|when| when.0),
        to: query.to.map(|when| when.0),
    };
    let page = store.calls(&filter, after.as_ref(), limit).await?;
    Ok(Json(page.into()))
}

/// Returns a call with its transcript, its events and the latency of its turns.
#[utoipa::path(get, path = "/api/v1/calls/{id}", tag = "history", operation_id = "showCall", security(("key" = ["read"])),
    params(("id" = String, Path, description = "The call's id, or its session's: then the latest of that name")),
    responses(
        (status = 200, description = "The call", body = CallDetail),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 404, description = "No call of that id is known", body = ErrorBody),
        (status = 503, description = "The records cannot be read", body = ErrorBody),
    ))]
pub(crate) async fn show(
    _: MayRead,
    State(app): State<App>,
    CallPath(id): CallPath,
) -> Result<Json<CallDetail>, ApiError> {
    let store = &app.parts().store;
    let call = store
        .call(&id)
        .await?
        .ok_or(ApiError::NotFound(Missing::Call))?;
    let messages = store.messages(&call.id, MOST_ENTRIES).await?;
    let events = store.events(&call.id, MOST_ENTRIES).await?;
    let most = MOST_ENTRIES as usize;
    Ok(Json(CallDetail::new(call, messages, events, most)))
}

/// Erases what calls from and to a number left behind: words, events, numbers, free text.
#[utoipa::path(post, path = "/api/v1/erase", tag = "history", operation_id = "eraseNumber", security(("key" = ["admin"])),
    request_body = EraseBody,
    responses(
        (status = 200, description = "It is erased", body = Erased),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `admin`", body = ErrorBody),
        (status = 422, description = "It is no phone number", body = ErrorBody),
        (status = 503, description = "The records do not answer; nothing was erased", body = ErrorBody),
    ))]
pub(crate) async fn erase(
    MayAdminister(caller): MayAdminister,
    State(app): State<App>,
    body: JsonBody<EraseBody>,
) -> Result<Json<Erased>, ApiError> {
    let number = number(&body.value.number)?;
    let calls = app.parts().store.erase_number(&number).await?;
    // The number itself must not come back by way of the audit.
    app.note(&caller, "records.erase", &number.to_string());
    Ok(Json(Erased { calls }))
}

/// Returns figures over the calls of a period.
#[utoipa::path(get, path = "/api/v1/stats", tag = "history", operation_id = "showStats", security(("key" = ["read"])),
    params(PeriodQuery),
    responses(
        (status = 200, description = "The figures", body = StatsView),
        (status = 401, description = "No key, or a wrong one", body = ErrorBody),
        (status = 403, description = "The key lacks the scope `read`", body = ErrorBody),
        (status = 422, description = "A parameter is not accepted", body = ErrorBody),
        (status = 503, description = "The records cannot be read", body = ErrorBody),
    ))]
pub(crate) async fn stats(
    _: MayRead,
    State(app): State<App>,
    Params(query): Params<PeriodQuery>,
) -> Result<Json<StatsView>, ApiError> {
    let period = Period {
        from: query.from.map_or(Moment(i64::MIN), |when| when.0),
        to: query.to.map_or(Moment(i64::MAX), |when| when.0),
    };
    let stats = app.parts().store.stats(period).await?;
    Ok(Json(stats.into()))
}

fn number(text: &str) -> Result<Number, ApiError> {
    Number::parse(text, None).map_err(|error| ApiError::invalid("number", error.to_string()))
}

fn position(cursor: &str) -> Result<Position, ApiError> {
    cursor
        .split_once('.')
        .and_then(|(at, id)| {
            Some(Position {
                at: Moment(at.parse().ok()?),
                id: id.to_owned(),
            })
        })
        .ok_or_else(|| ApiError::invalid("cursor", "it is no `nextCursor` of this server"))
}
