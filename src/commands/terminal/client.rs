//! Requests to a server from the terminal.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::Environment;

/// The server looks into LiveKit before it answers.
const PATIENCE: Duration = Duration::from_secs(15);

/// Posts to a server, with the key of the environment if there is one.
pub(in crate::commands) async fn post(
    server: &Url,
    path: &str,
    body: &Value,
) -> anyhow::Result<Response> {
    let client = Client::builder()
        .tls_backend_preconfigured(agent_wire::tls::client()?)
        .timeout(PATIENCE)
        .build()?;
    let request = with_key(client.post(server.join(path)?).json(body));
    send(request, server).await
}

/// Asks a server for something that goes on for as long as the answer is read.
pub(in crate::commands) async fn follow(server: &Url, path: &str) -> anyhow::Result<Response> {
    let client = Client::builder()
        .tls_backend_preconfigured(agent_wire::tls::client()?)
        .connect_timeout(PATIENCE)
        .build()?;
    send(with_key(client.get(server.join(path)?)), server).await
}

/// Returns an answer that says yes.
///
/// # Errors
///
/// What the server has against it, and where a key is the reason, which `scope` it lacks.
pub(in crate::commands) async fn accepted(
    answer: Response,
    scope: &str,
) -> anyhow::Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            format!("; set PATCHBAY_API_KEY to a key with the scope `{scope}`")
        }
        _ => String::new(),
    };
    match answer.json::<Refusal>().await {
        Ok(refusal) => bail!("{status}: {}{hint}", refusal.error.message),
        Err(_) => bail!("{status}{hint}"),
    }
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

async fn send(request: RequestBuilder, server: &Url) -> anyhow::Result<Response> {
    request.send().await.with_context(|| {
        format!(
            "Patchbay does not answer at {server}: start it with `patchbay dev`, or name another with --server"
        )
    })
}

fn with_key(request: RequestBuilder) -> RequestBuilder {
    match Environment::of_process().get("PATCHBAY_API_KEY") {
        Some(key) => request.bearer_auth(key),
        None => request,
    }
}
