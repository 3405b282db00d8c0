//! Promise 15: one open door is enough, and none is a clear error in time.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use room_launcher::{Options, TlsFiles, Turn};
use serde_json::json;
use tempfile::TempDir;

use super::Scene;
use crate::support::{Namespace, Venue, figure};

const TURN_NAME: &str = "turn.engine.test";
/// What the server tells clients, whatever port it listens on.
const TURN_TLS_PORT: u16 = 443;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn only_the_ice_tcp_port_open_is_enough() -> Result<()> {
    let begin = Instant::now();
    let scene = Scene::set(Options::default(), None, |wire, venue| {
        let ports = venue.server.ports();
        wire.let_out(&format!(
            "tcp dport {{ {}, {} }} accept",
            ports.signalling(),
            ports.rtc_tcp()
        ))
    })
    .await?;
    figure(
        "join with only ICE-TCP open (both sides)",
        format!("{:?}", begin.elapsed()),
    );

    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn only_turn_over_tls_open_is_enough() -> Result<()> {
    let certificate = Certificate::make()?;
    let options = Options {
        turn: Some(certificate.turn()),
        ..Options::default()
    };
    let scene = Scene::set(options, Some(&certificate.authority), |wire, venue| {
        let ports = venue.server.ports();
        wire.name_host(TURN_NAME)?;
        wire.redirect(TURN_TLS_PORT, ports.turn_tls())?;
        wire.let_out(&format!(
            "tcp dport {{ {}, {} }} accept",
            ports.signalling(),
            ports.turn_tls()
        ))
    })
    .await?;

    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn only_turn_over_udp_open_is_enough() -> Result<()> {
    let turn = Turn {
        domain: TURN_NAME.into(),
        udp: true,
        tls: None,
    };
    let options = Options {
        turn: Some(turn),
        ..Options::default()
    };
    let scene = Scene::set(options, None, |wire, venue| {
        let ports = venue.server.ports();
        wire.let_out(&format!(
            "tcp dport {} accept\nudp dport {} accept",
            ports.signalling(),
            ports.turn_udp()
        ))
    })
    .await?;

    scene.both_hear().await?;
    scene.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn nothing_open_but_signalling_is_an_error_in_time() -> Result<()> {
    let wire = Namespace::open()?;
    let options = Options {
        address: wire.host().into(),
        ..Options::default()
    };
    let venue = Venue::open_with(options).await?;
    wire.let_out(&format!(
        "tcp dport {} accept",
        venue.server.ports().signalling()
    ))?;
    let probe = wire.peer(None).await?;

    let begin = Instant::now();
    let arguments = json!({ "url": venue.server.url(), "token": venue.token("probe")? });
    let refused = probe.perform("join", arguments).await;

    let took = begin.elapsed();
    let error = refused
        .err()
        .map(|error| format!("{error:#}"))
        .unwrap_or_default();
    figure(
        "join with nothing open fails after",
        format!("{took:?}: {error}"),
    );
    ensure!(!error.is_empty(), "joining must fail");
    ensure!(took < Duration::from_secs(17), "it took {took:?}");
    Ok(())
}

/// A certificate for the TURN server, signed by itself.
struct Certificate {
    authority: PathBuf,
    key: PathBuf,
    _folder: TempDir,
}

impl Certificate {
    fn make() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let made = rcgen::generate_simple_self_signed([TURN_NAME.to_owned()])?;
        let (authority, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        fs::write(&authority, pem("CERTIFICATE", made.cert.der()))?;
        fs::write(&key, pem("PRIVATE KEY", made.signing_key.serialized_der()))?;
        Ok(Self {
            authority,
            key,
            _folder: folder,
        })
    }

    fn turn(&self) -> Turn {
        let tls = TlsFiles {
            certificate: self.authority.clone(),
            key: self.key.clone(),
        };
        Turn {
            domain: TURN_NAME.into(),
            udp: false,
            tls: Some(tls),
        }
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
