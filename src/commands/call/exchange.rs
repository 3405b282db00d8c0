//! The telephone company of this machine: a twin of Twilio that reaches the server.

use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::time::timeout;

use super::line::CallLine;
use crate::commands::serve::own_url;
use crate::commands::terminal::client;
use crate::config::{Config, Listen, PhoneAccount};
use crate::wiring::twilio::twin::{Call, InboundCall, Number, Route, Settings, Twin};

/// The number that is called where the account has none of its own.
const NUMBER: &str = "+15005550006";

/// Dialling, and ringing at the other end.
const RINGS: Duration = Duration::from_secs(20);

/// Starts a twin with the server's account.
pub(super) async fn twin(line: &CallLine, config: &Config) -> anyhow::Result<Twin> {
    let Some(account) = &config.account else {
        bail!(
            "there is no account: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as the server has them"
        );
    };
    let server = line.server.as_str().trim_end_matches('/');
    let public = public_url(line, config)?;
    let number = account.phone_number.as_deref().unwrap_or(NUMBER);
    let number = Number::new(number)
        .voice(&format!("{public}/twilio/voice"))
        .fallback(&format!("{public}/twilio/voice"))
        .status(&format!("{public}/twilio/status"));
    let settings = |listen| Settings {
        account_sid: account.account_sid.clone(),
        auth_token: account.auth_token.expose_secret().to_owned(),
        numbers: vec![number.clone()],
        routes: vec![Route::new(&public, server)],
        plain_sockets: true,
        listen,
        seed: getrandom::u64().unwrap_or_default(),
        ..Settings::default()
    };
    let known = address_of(account);
    if let Some(address) = known
        && let Ok(twin) = Twin::start(settings(address)).await
    {
        return Ok(twin);
    }
    if line.to.is_some() {
        bail!(
            "the server looks for Twilio at {}, where nothing can listen now: stop the other `patchbay call`, or set \
             TWILIO_BASE_URL for both to a free address of this machine",
            account.base_url
        );
    }
    // The server cannot hang up by itself then: what it ends ends a quarter of a minute later. All else works.
    Ok(Twin::start(settings((Ipv4Addr::LOCALHOST, 0).into())).await?)
}

/// Calls the server, or has it call.
pub(super) async fn connect(line: &CallLine, twin: &Twin, config: &Config) -> anyhow::Result<Call> {
    let Some(to) = &line.to else {
        let account = config.account.as_ref();
        let number = account.and_then(|account| account.phone_number.as_deref());
        let call = InboundCall::new(&line.from, number.unwrap_or(NUMBER));
        return Ok(twin.call_in(call)?);
    };
    ask_for_a_call(line, to).await?;
    let call = timeout(RINGS, twin.next_call()).await;
    call.ok().flatten().context("the server did not call")
}

async fn ask_for_a_call(line: &CallLine, to: &str) -> anyhow::Result<()> {
    let mut body = json!({ "to": to });
    if let Some(profile) = &line.profile {
        body["profile"] = json!(profile);
    }
    let answer = client::post(&line.server, "phone/call", &body).await?;
    client::accepted(answer, "calls").await?;
    Ok(())
}

/// Returns the address that the server checks signatures by.
fn public_url(line: &CallLine, config: &Config) -> anyhow::Result<String> {
    let host = line.server.host_str().context("the server has no host")?;
    let port = line.server.port_or_known_default().unwrap_or(80);
    let config = Config {
        listen: Listen {
            host: host.to_owned(),
            port,
        },
        ..config.clone()
    };
    let url = own_url(&config, port)?;
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Returns where the server looks for Twilio, when that is on this machine.
fn address_of(account: &PhoneAccount) -> Option<SocketAddr> {
    let url = &account.base_url;
    let host = url.host_str()?;
    let mut addresses = (host, url.port_or_known_default()?)
        .to_socket_addrs()
        .ok()?;
    addresses.find(|address| address.ip().is_loopback())
}
