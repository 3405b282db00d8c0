//! Query parameters: what is accepted, and how exactly what is not is told.

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::error::ApiError;
use crate::store::Moment;

/// Query parameters. Those that do not exist are refused: a misspelled filter must not be ignored.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Query::from_request_parts(parts, state)
            .await
            .map(|Query(value)| Self(value))
            .map_err(|rejection| match rejection {
                QueryRejection::FailedToDeserializeQueryString(inner) => {
                    ApiError::invalid("query", inner.body_text())
                }
                _ => ApiError::Malformed("the query cannot be read".to_owned()),
            })
    }
}

/// A point in time as RFC 3339 writes it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct When(pub(crate) Moment);

impl TryFrom<String> for When {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let time = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| "a time is written like 2026-11-21T09:08:00Z")?;
        let ms = time.unix_timestamp_nanos() / 1_000_000;
        i64::try_from(ms)
            .map(|ms| Self(Moment(ms)))
            .map_err(|_| "the time is out of range")
    }
}
