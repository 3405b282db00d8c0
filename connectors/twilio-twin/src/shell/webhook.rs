//! Asks servers as Twilio does: signed, within fifteen seconds, up to 64 KB.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, Response, header, redirect};
use rustls::ClientConfig;
use url::{Url, form_urlencoded};

use crate::{
    Settings, TwinError,
    core::{Answer, Failure, Fetch, Method},
    sign,
};

/// How long Twilio waits for a whole answer.
const DEADLINE: Duration = Duration::from_secs(15);

/// How long Twilio waits for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// Of an answer one byte more than may be is read, so that too large is told from large.
const MOST_READ: usize = 64 * 1024 + 1;

/// A recording for `<Play>`: half an hour of 16-bit stereo at 48 kHz.
const LARGEST_SOUND: usize = 350_000_000;

/// Sends webhooks.
#[derive(Clone, Debug)]
pub(crate) struct Webhooks(Client);

impl Webhooks {
    pub(crate) fn new(tls: &Arc<ClientConfig>) -> Result<Self, TwinError> {
        let client = Client::builder()
            .tls_backend_preconfigured(ClientConfig::clone(tls))
            .connect_timeout(CONNECT)
            .timeout(DEADLINE)
            .redirect(redirect::Policy::limited(10))
            .user_agent("TwilioProxy/1.1")
            .no_proxy()
            .build()
            .map_err(|error| TwinError::Client(error.into()))?;
        Ok(Self(client))
    }

    /// Sends a signed request and returns its answer.
    pub(crate) async fn send(
        &self,
        fetch: &Fetch,
        settings: &Settings,
        token: &str,
    ) -> Result<Answer, Failure> {
        let began = Instant::now();
        let failed = |code, text: &str| failure(code, text, began);
        let request = self
            .signed(fetch, settings, token)
            .map_err(|text| failed(11_100, text))?;
        let response = request.send().await;
        let response = response.map_err(|error| failed(code_of(&error), "no answer"))?;
        let status = response.status().as_u16();
        if !response.status().is_success() {
            return Err(failed(11_200, &format!("the answer's status is {status}")));
        }
        let content_type = content_type(&response);
        let body = read(response, MOST_READ).await;
        let body = body.map_err(|code| failed(code, "the answer broke off"))?;
        Ok(Answer {
            status,
            content_type,
            body: String::from_utf8_lossy(&body).into_owned(),
            took: began.elapsed(),
        })
    }

    /// Returns the bytes of a recording and its content type.
    pub(crate) async fn load(
        &self,
        url: &str,
        settings: &Settings,
    ) -> Result<(String, Vec<u8>), Failure> {
        let began = Instant::now();
        let failed = |code, text: &str| failure(code, text, began);
        let url = Url::parse(&settings.reach(url)).map_err(|_| failed(11_100, "not an address"))?;
        let response = self.0.get(url).send().await;
        let response = response.map_err(|error| failed(code_of(&error), "no answer"))?;
        if !response.status().is_success() {
            return Err(failed(11_200, "the answer's status is bad"));
        }
        let content_type = content_type(&response);
        let bytes = read(response, LARGEST_SOUND).await;
        bytes
            .map(|bytes| (content_type, bytes))
            .map_err(|code| failed(code, "the answer broke off"))
    }

    fn signed(
        &self,
        fetch: &Fetch,
        settings: &Settings,
        token: &str,
    ) -> Result<RequestBuilder, &'static str> {
        let mut public = Url::parse(&fetch.url).map_err(|_| "not an address")?;
        public.set_fragment(None);
        let mut address = fetch.url.split('#').next().unwrap_or_default().to_owned();
        if fetch.method == Method::Get {
            public.query_pairs_mut().extend_pairs(&fetch.parameters);
            address = public.to_string();
        }
        let reached = Url::parse(&settings.reach(&address)).map_err(|_| "not an address")?;
        let request = match fetch.method {
            Method::Get => self.0.get(reached).header(
                "X-Twilio-Signature",
                sign(&settings.auth_token, &address, &[]),
            ),
            Method::Post => {
                let mut body = form_urlencoded::Serializer::new(String::new());
                body.extend_pairs(&fetch.parameters);
                self.0
                    .post(reached)
                    .header(
                        header::CONTENT_TYPE,
                        "application/x-www-form-urlencoded; charset=utf-8",
                    )
                    .header(
                        "X-Twilio-Signature",
                        sign(&settings.auth_token, &address, &fetch.parameters),
                    )
                    .body(body.finish())
            }
        };
        Ok(request
            .header(header::HOST, authority(&public))
            .header(header::ACCEPT, "*/*")
            .header("X-Home-Region", "us1")
            .header("I-Twilio-Idempotency-Token", token))
    }
}

/// Returns what stands in `Host` for an address.
pub(crate) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn failure(code: u16, text: &str, began: Instant) -> Failure {
    Failure {
        code,
        text: text.to_owned(),
        took: began.elapsed(),
    }
}

fn content_type(response: &Response) -> String {
    let value = response.headers().get(header::CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// Returns the body, cut after `most` bytes.
async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, u16> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| code_of(&error))? {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == most {
            break;
        }
    }
    Ok(body)
}

/// Returns Twilio's code for what is wrong between it and a server.
fn code_of(error: &reqwest::Error) -> u16 {
    if error.is_connect() {
        11_205
    } else if error.is_redirect() {
        11_215
    } else if error.is_timeout() {
        11_200
    } else {
        11_206
    }
}
