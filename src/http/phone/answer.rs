//! `TwiML` as an answer.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use tracing::error;

use crate::http::error::ApiError;
use crate::wiring::twilio::{self, TWIML};

/// What a call is told to do.
pub(crate) struct Twiml(pub(crate) twilio::Response);

impl IntoResponse for Twiml {
    fn into_response(self) -> Response {
        match self.0.to_xml() {
            Ok(xml) => ([(CONTENT_TYPE, TWIML)], xml).into_response(),
            Err(error) => {
                error!(%error, "an answer to a call breaks a limit of TwiML");
                ApiError::Internal.into_response()
            }
        }
    }
}
