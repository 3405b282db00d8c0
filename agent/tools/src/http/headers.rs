//! The headers of a tool's requests, secrets put in.

use std::collections::BTreeMap;

use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{
    HttpToolError,
    settings::{HeaderText, Piece},
};

/// Set for every request, or by the connection.
const TAKEN: [&str; 8] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "idempotency-key",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Headers, ready to send. Their values do not show.
#[derive(Debug)]
pub(super) struct Headers(HeaderMap);

impl Headers {
    pub(super) fn new(
        texts: &BTreeMap<String, HeaderText>,
        secrets: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Result<Self, HttpToolError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/*"));
        for (name, text) in texts {
            let unknown = |_| HttpToolError::HeaderName(name.clone());
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(unknown)?;
            if TAKEN.contains(&header.as_str()) {
                return Err(HttpToolError::HeaderTaken(name.clone()));
            }
            headers.insert(header, value(name, text, secrets)?);
        }
        Ok(Self(headers))
    }

    pub(super) fn all(&self) -> HeaderMap {
        self.0.clone()
    }
}

fn value(
    name: &str,
    text: &HeaderText,
    secrets: &dyn Fn(&str) -> Option<SecretString>,
) -> Result<HeaderValue, HttpToolError> {
    let mut value = String::new();
    for piece in text.pieces() {
        match piece {
            Piece::Text(text) => value.push_str(text),
            Piece::Secret(secret) => {
                let found = secrets(secret).ok_or_else(|| HttpToolError::Secret {
                    header: name.to_owned(),
                    secret: secret.to_owned(),
                })?;
                value.push_str(found.expose_secret());
            }
        }
    }
    let mut value =
        HeaderValue::try_from(value).map_err(|_| HttpToolError::HeaderValue(name.to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
