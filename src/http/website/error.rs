//! Errors as websites expect them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::error::ApiError;

/// An error of the API in the words of a website.
#[derive(Debug)]
pub(crate) struct SiteError(ApiError);

/// What such an error looks like.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SiteErrorBody {
    /// Always `false`.
    success: bool,
    /// A sentence for people, with what to do.
    message: String,
    /// The same, where a website looks for it.
    error: String,
    /// A word for programs; it does not change.
    #[schema(example = "country_not_allowed")]
    code: &'static str,
}

impl<E: Into<ApiError>> From<E> for SiteError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for SiteError {
    fn into_response(self) -> Response {
        let message = self.0.message();
        let body = SiteErrorBody {
            success: false,
            error: message.clone(),
            message,
            code: self.0.code(),
        };
        (self.0.status(), self.0.headers(), Json(body)).into_response()
    }
}
