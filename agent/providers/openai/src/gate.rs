//! The one door through which answers come in: deadlines, refusals, and bounds on whatever arrives.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use reqwest::{Body, Request, Response};
use tokio::time::timeout;

use crate::{failure::Failure, refusal::Refusal};

mod events;

use events::Events;

/// More than any transcript needs.
const LONGEST_BODY: usize = 1 << 20;

/// Enough for an error object; the rest is not read.
const LONGEST_REFUSAL: usize = 64 << 10;

/// Sends requests of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    http: reqwest::Client,
    patience: Duration,
    answers: Answers,
}

/// What a server's answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// Server-sent events, whatever the header says.
    Events,
    /// One body.
    Whole,
}

impl Gate {
    pub(crate) fn new(http: reqwest::Client, patience: Duration, answers: Answers) -> Self {
        Self {
            http,
            patience,
            answers,
        }
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Returns the answer once its first bytes are there, unless it is a refusal.
    pub(crate) async fn send(&self, request: Request) -> Result<Response, Failure> {
        let response = timeout(self.patience, self.http.execute(request))
            .await
            .map_err(|_| Failure::Stalled(self.patience))??;
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status(), response.headers().clone());
        // A refusal without its body is a refusal still.
        let body = timeout(self.patience, beginning(response))
            .await
            .unwrap_or_default();
        Err(Refusal::of_answer(status, &headers, &body).into())
    }
}

impl tower::Service<HttpRequestFactory> for Gate {
    type Response = Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move {
            let request = factory.build().await?;
            Ok(bounded(gate.send(request).await?, gate.answers))
        })
    }
}

/// The same answer with a body that cannot grow without end.
fn bounded(response: Response, answers: Answers) -> Response {
    let (parts, body) = http::Response::from(response).into_parts();
    let body = http_body(body);
    let body = match answers {
        Answers::Events => Body::wrap_stream(checked(body)),
        Answers::Whole => Body::wrap_stream(limited(body, LONGEST_BODY)),
    };
    http::Response::from_parts(parts, body).into()
}

fn http_body(body: Body) -> impl Stream<Item = Result<Bytes, reqwest::Error>> + Send {
    Response::from(http::Response::new(body)).bytes_stream()
}

/// Passes whole lines on, and only events that are JSON: the library writes others into the log.
fn checked(
    body: impl Stream<Item = Result<Bytes, reqwest::Error>> + Send,
) -> impl Stream<Item = Result<Bytes, reqwest::Error>> + Send {
    let body = Box::pin(body);
    stream::unfold(Some((body, Events::default())), async |state| {
        let (mut body, mut events) = state?;
        match body.next().await? {
            Ok(bytes) => {
                let lines = events.handle(&bytes);
                let goes_on = !events.is_over();
                Some((Ok(lines), goes_on.then_some((body, events))))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

fn limited(
    body: impl Stream<Item = Result<Bytes, reqwest::Error>> + Send,
    most: usize,
) -> impl Stream<Item = Result<Bytes, reqwest::Error>> + Send {
    let mut left = most;
    body.take_while(move |bytes| {
        let length = bytes.as_ref().map_or(0, Bytes::len);
        let fits = length <= left;
        left = left.saturating_sub(length);
        std::future::ready(fits)
    })
}

async fn beginning(response: Response) -> Vec<u8> {
    let mut body = std::pin::pin!(limited(response.bytes_stream(), LONGEST_REFUSAL));
    let mut bytes = Vec::new();
    while let Some(Ok(more)) = body.next().await {
        bytes.extend_from_slice(&more);
    }
    bytes
}
