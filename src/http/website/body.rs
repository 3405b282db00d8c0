//! Bodies as websites send them: JSON or forms, with fields that nobody here knows.

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::error::SiteError;
use crate::http::App;
use crate::http::body::{media_type, read};
use crate::http::error::ApiError;

/// A body. Fields that do not exist are ignored: the website was made for another server.
pub(crate) struct SiteBody<T> {
    pub(crate) value: T,
    /// SHA-256 of what arrived.
    pub(crate) digest: [u8; 32],
}

impl<T: DeserializeOwned> FromRequest<App> for SiteBody<T> {
    type Rejection = SiteError;

    async fn from_request(request: Request, app: &App) -> Result<Self, SiteError> {
        let declared = media_type(request.headers());
        let bytes = read(request, app).await?;
        let value = match declared.as_deref() {
            Some("application/x-www-form-urlencoded") => of_form(&bytes),
            Some("application/json") => of_json(&bytes)?,
            None if bytes.is_empty() => Value::Object(Map::new()),
            _ => {
                return Err(SiteError::from(ApiError::UnsupportedMediaType {
                    expected: "application/json",
                }));
            }
        };
        if !value.is_object() {
            return Err(ApiError::invalid("", "it is not an object").into());
        }
        // What the parser has against a value may show the value, which may be a number of somebody.
        let value = serde_json::from_value(value)
            .map_err(|_| ApiError::invalid("", "a field is not of the kind that is expected"))?;
        Ok(Self {
            value,
            digest: Sha256::digest(&bytes).into(),
        })
    }
}

fn of_json(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(bytes).map_err(|error| ApiError::Malformed(error.to_string()))
}

/// A field that comes several times, or whose name ends in `[]`, is a list.
fn of_form(bytes: &[u8]) -> Value {
    let mut fields: Map<String, Value> = Map::new();
    for (name, value) in form_urlencoded::parse(bytes) {
        let value = Value::String(value.into_owned());
        let list = name.strip_suffix("[]");
        let name = list.unwrap_or(&name);
        match fields.get_mut(name) {
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None if list.is_some() => {
                fields.insert(name.to_owned(), Value::Array(vec![value]));
            }
            None => {
                fields.insert(name.to_owned(), value);
            }
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_read_like_the_object_it_stands_for() {
        let read = of_form(b"conferenceId=conf-1731231231&phoneNumbers[]=%2B4930&a=1&a=2");

        assert_eq!(
            read,
            json!({ "conferenceId": "conf-1731231231", "phoneNumbers": ["+4930"], "a": ["1", "2"] })
        );
    }
}
