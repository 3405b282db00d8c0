//! Calls by request: ended.

use axum::extract::State;
use axum::http::StatusCode;

use super::office;
use crate::http::App;
use crate::http::auth::MayCall;
use crate::http::error::{ApiError, ErrorBody, Missing};
use crate::http::names::CallPath;
use crate::wiring::twilio::CallSid;

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
