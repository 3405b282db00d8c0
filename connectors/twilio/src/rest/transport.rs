//! One request, one answer.

use std::time::Duration;

use reqwest::{
    Method, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{Refusal, RestClient, RestError, fields::Fields};

/// The longest answer that is read, in bytes; a page of a thousand calls has a megabyte.
const LONGEST_ANSWER: usize = 2 << 20;

const API: &str = "2010-04-01";

/// Whether a request that may have been carried out may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeatable {
    Yes,
    No,
}

/// A request to be sent.
pub(super) struct Request {
    method: Method,
    url: Url,
    body: Option<String>,
    repeatable: Repeatable,
}

#[derive(Deserialize)]
struct ErrorBody {
    code: Option<u32>,
}

impl RestClient {
    /// Reads.
    pub(super) fn get(&self, path: &[&str], query: &Fields) -> Request {
        let mut url = self.url(path);
        let query = query.encoded();
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        Request {
            method: Method::GET,
            url,
            body: None,
            repeatable: Repeatable::Yes,
        }
    }

    /// Creates something, which is not to happen twice.
    pub(super) fn create(&self, path: &[&str], fields: &Fields) -> Request {
        Request {
            repeatable: Repeatable::No,
            ..self.update(path, fields)
        }
    }

    /// Brings something into a state.
    pub(super) fn update(&self, path: &[&str], fields: &Fields) -> Request {
        Request {
            method: Method::POST,
            url: self.url(path),
            body: Some(fields.encoded()),
            repeatable: Repeatable::Yes,
        }
    }

    pub(super) fn delete(&self, path: &[&str]) -> Request {
        Request {
            method: Method::DELETE,
            url: self.url(path),
            body: None,
            repeatable: Repeatable::Yes,
        }
    }

    /// Sends a request and reads the answer.
    pub(super) async fn send<T: DeserializeOwned>(&self, request: Request) -> Result<T, RestError> {
        let repeatable = request.repeatable;
        let answer = self.exchange(request).await?;
        let body = read(answer).await.map_err(|()| cut_off(repeatable))?;
        serde_json::from_slice(&body).map_err(|_| match repeatable {
            Repeatable::Yes => RestError::Garbled,
            // It said that it did something.
            Repeatable::No => RestError::OutcomeUnknown,
        })
    }

    /// Sends a request whose answer says nothing.
    pub(super) async fn send_silently(&self, request: Request) -> Result<(), RestError> {
        self.exchange(request).await.map(|_| ())
    }

    async fn exchange(&self, request: Request) -> Result<Response, RestError> {
        let repeatable = request.repeatable;
        let secret = self.settings.secret.expose_secret();
        let mut sending = self
            .http
            .request(request.method, request.url)
            .basic_auth(&self.settings.user, Some(secret));
        if let Some(body) = request.body {
            sending = sending
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body);
        }
        match sending.send().await {
            Ok(answer) if answer.status().is_success() => Ok(answer),
            Ok(answer) => Err(refused(answer, repeatable).await),
            // Without a connection nothing was sent.
            Err(error) if error.is_connect() || error.is_builder() => {
                Err(RestError::Unavailable { retry_after: None })
            }
            Err(_) => Err(cut_off(repeatable)),
        }
    }

    /// Puts a path below the account's; its parts are encoded.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.settings.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend([API, "Accounts"]);
            match path.split_last() {
                Some((last, parents)) => {
                    segments.push(self.settings.account.as_str());
                    segments.extend(parents).push(&format!("{last}.json"));
                }
                None => {
                    segments.push(&format!("{}.json", self.settings.account));
                }
            }
        }
        url
    }
}

fn cut_off(repeatable: Repeatable) -> RestError {
    match repeatable {
        Repeatable::Yes => RestError::Unavailable { retry_after: None },
        Repeatable::No => RestError::OutcomeUnknown,
    }
}

async fn refused(answer: Response, repeatable: Repeatable) -> RestError {
    let status = answer.status();
    let retry_after = seconds(answer.headers());
    let request = answer.headers().get("twilio-request-id");
    let request = request.and_then(|id| id.to_str().ok()).and_then(word);
    let body = read(answer).await.unwrap_or_default();
    let code = serde_json::from_slice(&body).ok();
    let code = code.and_then(|body: ErrorBody| body.code);
    let is_passing = code.is_some_and(|code| [10_004, 20_429, 20_503].contains(&code));
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            RestError::Unavailable { retry_after }
        }
        _ if is_passing => RestError::Unavailable { retry_after },
        _ if status.is_server_error() => match cut_off(repeatable) {
            RestError::Unavailable { .. } => RestError::Unavailable { retry_after },
            other => other,
        },
        _ if status.is_client_error() => {
            RestError::Refused(Refusal::new(status.as_u16(), code, request))
        }
        // Neither an answer nor an error: a redirect to somewhere else, a stranger's server.
        _ => RestError::Garbled,
    }
}

async fn read(mut answer: Response) -> Result<Vec<u8>, ()> {
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|_| ())? {
        if body.len() + piece.len() > LONGEST_ANSWER {
            return Err(());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn seconds(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse();
    seconds.ok().map(Duration::from_secs)
}

/// Keeps an identifier; anything else might be prose, and prose may be private.
fn word(text: &str) -> Option<String> {
    let is_word =
        (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then(|| text.to_owned())
}
