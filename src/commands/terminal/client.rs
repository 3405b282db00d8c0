//! Requests to a server from the terminal.

use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, RequestBuilder, Response};
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
