//! Requests to a server from the terminal.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use reqwest::{Client, RequestBuilder, Response};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
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
        .tls_backend_preconfigured(tls()?)
        .timeout(PATIENCE)
        .build()?;
    let request = with_key(client.post(server.join(path)?).json(body));
    send(request, server).await
}

/// Asks a server for something that goes on for as long as the answer is read.
pub(in crate::commands) async fn follow(server: &Url, path: &str) -> anyhow::Result<Response> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls()?)
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

/// Trusts the machine's own authorities and, because small images have none, Mozilla's.
fn tls() -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
