//! What a service answered, cut down to what a thinker can use.

use std::{collections::BTreeMap, error::Error, fmt, time::Duration};

use agent_contract::{ToolAnswer, ToolError};
use reqwest::{Response, StatusCode, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};

use super::{
    guard::OutOfReach,
    settings::{HeaderText, Piece},
};

/// Bytes that a character may take; what is behind the limit is not even read.
const BYTES_PER_CHARACTER: usize = 4;

/// Characters of a complaint: the thinker needs its gist.
const COMPLAINT: usize = 500;

/// Shorter values are no secrets, and would tear holes into every answer.
const SHORTEST_SECRET: usize = 6;

/// Reads an answer. The outer error is for the thinker, the inner one the connection's.
pub(super) async fn read(
    response: Response,
    characters: usize,
    scrubber: &Scrubber,
) -> Result<Result<ToolAnswer, reqwest::Error>, ToolError> {
    let status = response.status();
    if !status.is_success() && !is_for_thinker(status) {
        return Err(ToolError::failed(Unusable::Status(status)));
    }
    if !is_text(&response) {
        return Err(ToolError::failed(Unusable::NoText));
    }
    let body = match body(response, characters * BYTES_PER_CHARACTER).await {
        Ok(body) => scrubber.scrub(&String::from_utf8_lossy(&body)),
        Err(error) => return Ok(Err(error)),
    };
    if !status.is_success() {
        let body: String = body.trim().chars().take(COMPLAINT).collect();
        let complaint = format!("the service answered {status}: {body}");
        return Err(ToolError::Arguments(complaint));
    }
    let text = if body.trim().is_empty() {
        "It is done; the service answered nothing.".to_owned()
    } else {
        body
    };
    Ok(Ok(ToolAnswer::text(text)))
}

/// Says what a thinker should make of a request that failed.
pub(super) fn failure(error: reqwest::Error, waited: Duration) -> ToolError {
    if is_out_of_reach(&error) {
        let reason = "the address of this tool leads into a private network".to_owned();
        return ToolError::Refused(reason);
    }
    // Nothing was asked as long as there was no connection.
    if error.is_timeout() && !error.is_connect() {
        return ToolError::Late { waited };
    }
    // The address holds arguments.
    ToolError::failed(error.without_url())
}

/// What the service says about the arguments; the other failures are none of the thinker's business.
fn is_for_thinker(status: StatusCode) -> bool {
    [
        StatusCode::BAD_REQUEST,
        StatusCode::NOT_FOUND,
        StatusCode::CONFLICT,
        StatusCode::GONE,
        StatusCode::UNPROCESSABLE_ENTITY,
    ]
    .contains(&status)
}

fn is_text(response: &Response) -> bool {
    let Some(kind) = response.headers().get(CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || ["application/json", "application/xml"].contains(&kind)
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while body.len() < most {
        let Some(chunk) = response.chunk().await? else {
            break;
        };
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(body)
}

fn is_out_of_reach(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<OutOfReach>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// An answer that cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("the service answered {0}")]
    Status(StatusCode),
    #[error("the service answered with something else than text")]
    NoText,
}

/// Takes the secrets of a tool out of what a service says: some repeat what they were sent.
pub(super) struct Scrubber(Vec<SecretString>);

impl Scrubber {
    pub(super) fn new(
        texts: &BTreeMap<String, HeaderText>,
        secrets: &dyn Fn(&str) -> Option<SecretString>,
    ) -> Self {
        let pieces = texts.values().flat_map(HeaderText::pieces);
        let values = pieces.filter_map(|piece| match piece {
            Piece::Secret(name) => secrets(name),
            Piece::Text(_) => None,
        });
        Self(
            values
                .filter(|value| value.expose_secret().len() >= SHORTEST_SECRET)
                .collect(),
        )
    }

    fn scrub(&self, text: &str) -> String {
        let secrets = self.0.iter().map(SecretString::expose_secret);
        secrets.fold(text.to_owned(), |text, secret| {
            text.replace(secret, "[secret]")
        })
    }
}

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scrubber({})", self.0.len())
    }
}
