//! JSON bodies: what is accepted, and how exactly what is not is told.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sha2::{Digest, Sha256};

use super::error::ApiError;

/// A JSON body. It has to be declared as `application/json`; a body that is left out altogether counts as
/// `{}`. Fields that do not exist are refused: a misspelled option must not be ignored.
pub(crate) struct JsonBody<T> {
    pub(crate) value: T,
    /// SHA-256 of what arrived.
    pub(crate) digest: [u8; 32],
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let declared = media_type(request.headers());
        let is_json = declared.as_deref() == Some("application/json");
        let is_declared = declared.is_some();
        let bytes = read(request, state).await?;
        if !is_json && (is_declared || !bytes.is_empty()) {
            return Err(ApiError::UnsupportedMediaType {
                expected: "application/json",
            });
        }

        let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        Ok(Self {
            value: parse(text)?,
            digest: Sha256::digest(text).into(),
        })
    }
}

/// Reads a body within the limit of its route.
pub(crate) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                ApiError::TooLarge
            }
            _ => ApiError::Malformed("the body broke off".to_owned()),
        })
}

/// Returns the declared media type in lower case, without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> Option<String> {
    let declared = headers.get(CONTENT_TYPE)?.to_str().unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, ApiError> {
    // An array would be taken for the fields in their order.
    if text.trim_ascii_start().first() == Some(&b'[') {
        return Err(ApiError::invalid("", "it is a list, not an object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        let inner = error.into_inner();
        match inner.classify() {
            Category::Data => ApiError::invalid(field.trim_matches('.'), without_position(&inner)),
            Category::Io | Category::Syntax | Category::Eof => {
                ApiError::Malformed(inner.to_string())
            }
        }
    })?;
    deserializer
        .end()
        .map_err(|error| ApiError::Malformed(error.to_string()))?;
    Ok(value)
}

/// Line and column help with broken syntax; beside a field's name they only distract.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(problem, _)| problem.to_owned())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only parsed")]
        count: u32,
    }

    #[test]
    fn a_wrong_field_is_told_apart_from_broken_syntax() {
        let wrong = parse::<Sample>(br#"{"count":"many"}"#);
        let broken = parse::<Sample>(br#"{"count":"#);
        let trailing = parse::<Sample>(br#"{"count":1} x"#);

        assert!(matches!(wrong, Err(ApiError::Invalid { field, .. }) if field == "count"));
        assert!(matches!(broken, Err(ApiError::Malformed(_))));
        assert!(matches!(trailing, Err(ApiError::Malformed(_))));
    }
}
