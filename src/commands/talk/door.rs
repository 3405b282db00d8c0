//! Asks Patchbay to be let into a room.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::{Client, Response, StatusCode};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde::Deserialize;
use serde_json::{Value, json};

use super::line::TalkLine;
use crate::config::Environment;

/// The server looks into LiveKit before it answers.
const PATIENCE: Duration = Duration::from_secs(15);

/// The way into a room.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Way {
    pub(super) token: String,
    pub(super) livekit_url: String,
    pub(super) room_name: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

/// Joins the room of the command line, or creates it.
pub(super) async fn knock(line: &TalkLine) -> anyhow::Result<Way> {
    let identity = format!("terminal-{:08x}", getrandom::u32()?);
    if let Some(room) = &line.room {
        let body = json!({
            "roomName": room,
            "participantIdentity": identity,
            "participantName": line.name,
        });
        let answer = post(line, "room/join", &body).await?;
        if answer.status() != StatusCode::NOT_FOUND {
            return read(answer).await;
        }
    }
    let mut body = json!({"hostIdentity": identity, "hostName": line.name});
    for (field, value) in [("roomName", &line.room), ("profile", &line.profile)] {
        if let Some(value) = value {
            body[field] = Value::from(value.as_str());
        }
    }
    read(post(line, "room/create", &body).await?).await
}

async fn post(line: &TalkLine, path: &str, body: &Value) -> anyhow::Result<Response> {
    let client = Client::builder()
        .tls_backend_preconfigured(tls()?)
        .timeout(PATIENCE)
        .build()?;
    let url = line.server.join(path)?;
    let mut request = client.post(url).json(body);
    if let Some(key) = Environment::of_process().get("PATCHBAY_API_KEY") {
        request = request.bearer_auth(key);
    }
    request.send().await.with_context(|| {
        format!(
            "Patchbay does not answer at {}: start it with `patchbay dev`, or name another with --server",
            line.server
        )
    })
}

async fn read(answer: Response) -> anyhow::Result<Way> {
    let status = answer.status();
    if status.is_success() {
        return answer
            .json()
            .await
            .context("Patchbay's answer makes no sense");
    }
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            "; set PATCHBAY_API_KEY to a key with the scope `rooms`"
        }
        _ => "",
    };
    match answer.json::<Refusal>().await {
        Ok(refusal) => bail!("{status}: {}{hint}", refusal.error.message),
        Err(_) => bail!("{status}{hint}"),
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
