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
    core::{Answer, Failure, Fault, Fetch, Method, Overrides},
    sign,
};

/// How long Twilio waits for a whole answer.
const DEADLINE: Duration = Duration::from_secs(15);

/// Of an answer one byte more than may be is read, so that too large is told from large.
const MOST_READ: usize = 64 * 1024 + 1;

/// A recording for `<Play>`: half an hour of 16-bit stereo at 48 kHz.
const LARGEST_SOUND: usize = 350_000_000;

/// Sends webhooks.
#[derive(Clone, Debug)]
pub(crate) struct Webhooks {
    client: Client,
    tls: Arc<ClientConfig>,
}

impl Webhooks {
    pub(crate) fn new(tls: &Arc<ClientConfig>) -> Result<Self, TwinError> {
        Ok(Self {
            client: client(tls, Overrides::default().connect)?,
            tls: Arc::clone(tls),
        })
    }

    /// Sends a signed request, as often as its address allows, and returns its answer.
    pub(crate) async fn send(
        &self,
        fetch: &Fetch,
        settings: &Settings,
        token: &str,
    ) -> Result<Answer, Failure> {
        let began = Instant::now();
        let overrides = Overrides::of(&fetch.url);
        let client = self.client_for(&overrides);
        let mut tries = 0;
        loop {
            tries += 1;
            let left = overrides.total.saturating_sub(began.elapsed());
            let request = signed(&client, fetch, settings, token)
                .map_err(|text| failure(11_100, text, began))?;
            let attempt = attempt(request.timeout(overrides.read.min(left)));
            let fault = match attempt.await {
                Ok((status, content_type, body)) => {
                    return Ok(Answer {
                        status,
                        content_type,
                        body: String::from_utf8_lossy(&body).into_owned(),
                        took: began.elapsed(),
                    });
                }
                Err(fault) => fault,
            };
            if !overrides.tries_again(fault, tries) || began.elapsed() >= overrides.total {
                return Err(fault.failure(began.elapsed()));
            }
        }
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
        let response = self.client.get(url).send().await;
        let response = response.map_err(|error| fault_of(&error).failure(began.elapsed()))?;
        if !response.status().is_success() {
            return Err(Fault::Status(response.status().as_u16()).failure(began.elapsed()));
        }
        let content_type = content_type(&response);
        let bytes = read(response, LARGEST_SOUND).await;
        bytes
            .map(|bytes| (content_type, bytes))
            .map_err(|fault| fault.failure(began.elapsed()))
    }

    /// An address may want another patience with connections, which belongs to a client.
    fn client_for(&self, overrides: &Overrides) -> Client {
        if overrides.connect == Overrides::default().connect {
            return self.client.clone();
        }
        client(&self.tls, overrides.connect).unwrap_or_else(|_| self.client.clone())
    }
}

fn client(tls: &Arc<ClientConfig>, connect: Duration) -> Result<Client, TwinError> {
    Client::builder()
        .tls_backend_preconfigured(ClientConfig::clone(tls))
        .connect_timeout(connect)
        .timeout(DEADLINE)
        .redirect(redirect::Policy::limited(10))
        .user_agent("TwilioProxy/1.1")
        .no_proxy()
        .build()
        .map_err(|error| TwinError::Client(error.into()))
}

/// Returns a request as Twilio signs it.
fn signed(
    client: &Client,
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
        Method::Get => client.get(reached).header(
            "X-Twilio-Signature",
            sign(&settings.auth_token, &address, &[]),
        ),
        Method::Post => {
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(&fetch.parameters);
            client
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

/// Returns status, content type and body of a good answer.
async fn attempt(request: RequestBuilder) -> Result<(u16, String, Vec<u8>), Fault> {
    let response = request.send().await.map_err(|error| fault_of(&error))?;
    let status = response.status().as_u16();
    if !response.status().is_success() {
        return Err(Fault::Status(status));
    }
    let content_type = content_type(&response);
    let body = read(response, MOST_READ).await?;
    Ok((status, content_type, body))
}

/// Returns the body, cut after `most` bytes.
async fn read(mut response: Response, most: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| fault_of(&error))? {
        let room = most - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == most {
            break;
        }
    }
    Ok(body)
}

fn fault_of(error: &reqwest::Error) -> Fault {
    if error.is_connect() {
        Fault::Connect
    } else if error.is_timeout() {
        Fault::Read
    } else {
        Fault::Protocol
    }
}
