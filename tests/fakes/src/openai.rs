//! OpenAI and everything that speaks like it.

use std::{io, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use url::Url;

use crate::{
    Conduct, Fault, Journal, Vendor, Way,
    body::{self, Body},
    server::{Desk, Listening, Open},
};

mod chat;
mod reply;
mod speech;
mod transcription;

pub use reply::Reply;

/// OpenAI's own limit on what is uploaded.
const LONGEST_REQUEST: usize = 25 << 20;

/// A server of chat completions, speech and transcriptions.
#[derive(Debug)]
pub struct OpenAi {
    desk: Arc<Desk<Reply>>,
    listening: Listening,
}

impl OpenAi {
    /// Starts one on a free port of loopback.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0, Conduct::default()).await
    }

    /// Starts one on a port of loopback.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start_on(port: u16, conduct: Conduct) -> io::Result<Self> {
        let desk = Desk::new(Vendor::OpenAi, conduct);
        let serving = Arc::clone(&desk);
        let listening = Listening::start(port, move |stream| serve(stream, Arc::clone(&serving)));
        Ok(Self {
            listening: listening.await?,
            desk,
        })
    }

    /// Returns the base address, `/v1` included.
    ///
    /// # Panics
    /// Never: an address makes a URL.
    #[must_use]
    pub fn url(&self) -> Url {
        let url = format!("http://{}/v1", self.listening.address);
        Url::parse(&url).expect("an address makes a URL")
    }

    /// Changes its conduct from the next request on.
    pub fn conduct(&self, conduct: Conduct) {
        self.desk.set_conduct(conduct);
    }

    /// Scripts what it answers next; it repeats what it hears when nothing is scripted.
    pub fn reply(&self, reply: Reply) {
        self.desk.add_reply(reply);
    }

    /// Scripts what the model says when nothing else is scripted, in the place of what it
    /// [always hears](Self::always_hears).
    pub fn always_says(&self, text: impl Into<String>) {
        self.desk.set_standing(Reply::Says(text.into()));
    }

    /// Scripts what it transcribes when nothing else is scripted, in the place of what it
    /// [always says](Self::always_says).
    pub fn always_hears(&self, text: impl Into<String>) {
        self.desk.set_standing(Reply::Hears(text.into()));
    }

    /// Spoils one of the next requests; faults are used in order.
    pub fn fail(&self, fault: Fault) {
        self.desk.add_fault(fault);
    }

    /// Returns what was sent so far.
    #[must_use]
    pub fn journal(&self) -> Journal {
        self.desk.journal()
    }

    /// Returns how many requests are being answered.
    #[must_use]
    pub fn open(&self) -> usize {
        self.desk.open()
    }
}

async fn serve(stream: TcpStream, desk: Arc<Desk<Reply>>) {
    let service = service_fn(move |request| answer(request, Arc::clone(&desk)));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new());
    // A client that goes away is nothing to report.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

/// One request, read to its end.
struct Asked {
    path: String,
    kind: String,
    body: Bytes,
    fault: Option<Fault>,
    conduct: Conduct,
    desk: Arc<Desk<Reply>>,
    open: Open,
}

/// Breaks the connection without an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

async fn answer(
    request: Request<Incoming>,
    desk: Arc<Desk<Reply>>,
) -> Result<Response<Body>, Broken> {
    let conduct = desk.conduct();
    let (parts, incoming) = request.into_parts();
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let key = header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    desk.note(
        Way::In,
        "request",
        json!({
            "method": parts.method.as_str(),
            "path": parts.uri.path(),
            "key": key,
        }),
    );
    let Ok(body) = Limited::new(incoming, LONGEST_REQUEST).collect().await else {
        return Ok(refusal(
            413,
            "invalid_request_error",
            None,
            "The request is too large",
        ));
    };
    if conduct
        .key
        .as_deref()
        .is_some_and(|wanted| key != Some(wanted))
    {
        return Ok(refusal(
            401,
            "invalid_request_error",
            Some("invalid_api_key"),
            "Incorrect API key provided",
        ));
    }
    let asked = Asked {
        path: parts.uri.path().to_owned(),
        kind: header(header::CONTENT_TYPE).unwrap_or_default().to_owned(),
        body: body.to_bytes(),
        fault: desk.take_fault(),
        conduct,
        open: desk.opened(),
        desk,
    };
    if parts.method != Method::POST {
        return Ok(refusal(405, "invalid_request_error", None, "Not allowed"));
    }
    dispatch(asked).await
}

async fn dispatch(asked: Asked) -> Result<Response<Body>, Broken> {
    match &asked.fault {
        Some(Fault::Reset) => return Err(Broken),
        Some(Fault::Stall) => std::future::pending().await,
        Some(Fault::Refuse {
            status,
            code,
            retry_after,
        }) => {
            tokio::time::sleep(asked.conduct.first).await;
            let (kind, usual) = match status {
                429 => ("requests", Some("rate_limit_exceeded")),
                500.. => ("server_error", None),
                _ => ("invalid_request_error", None),
            };
            let code = code.as_deref().or(usual);
            let mut response = refusal(*status, kind, code, "Refused on purpose");
            if let Some(seconds) = retry_after {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, (*seconds).into());
            }
            return Ok(response);
        }
        _ => {}
    }
    match asked.path.as_str() {
        "/v1/chat/completions" => Ok(chat::answer(asked).await),
        "/v1/audio/speech" => Ok(speech::answer(asked).await),
        "/v1/audio/transcriptions" => Ok(transcription::answer(asked).await),
        _ => Ok(refusal(
            404,
            "invalid_request_error",
            Some("unknown_url"),
            "Unknown request URL",
        )),
    }
}

/// An error as the vendor words it.
fn refusal(status: u16, kind: &str, code: Option<&str>, message: &str) -> Response<Body> {
    let error =
        json!({ "error": { "message": message, "type": kind, "param": null, "code": code } });
    respond(
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        "application/json",
        body::json(&error),
    )
}

fn respond(status: StatusCode, kind: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    headers.insert("x-request-id", header::HeaderValue::from_static("req_fake"));
    response
}

/// Reads a body as JSON that fits the published schema.
fn parsed(asked: &Asked, schema: &'static str) -> Result<Value, Box<Response<Body>>> {
    let invalid = |message: &str| Box::new(refusal(400, "invalid_request_error", None, message));
    let value: Value = serde_json::from_slice(&asked.body)
        .map_err(|_| invalid("We could not parse the JSON body of your request"))?;
    match asked.desk.note_checked(Way::In, schema, value.clone()) {
        Ok(()) => Ok(value),
        Err(violation) => Err(invalid(&violation)),
    }
}
