//! `patchbay serve`: production, nothing implicit.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;
use url::Url;

use crate::config::{Config, Database, Listen};
use crate::http::Addresses;
use crate::server::{Ground, Server};
use crate::sessions::Drained;
use crate::store::{CallRecord, LONE, Store, Writer};
use crate::troupe::Parts;
use crate::wiring;

pub(super) async fn run(
    config: Config,
    parts: Parts,
    drain: CancellationToken,
) -> anyhow::Result<Drained> {
    let livekit = config
        .livekit
        .clone()
        .context("serve needs a LiveKit server")?;
    prepare_data_dir(&config)?;
    let listener = bind(&config.listen).await?;
    let port = listener.local_addr()?.port();
    let rooms = wiring::rooms(&livekit)?;
    let records = open_records(&config).await?;

    let (agent, staff) = wiring::people(&config, &rooms, &parts);
    let server = Server::new(
        Ground {
            mode: config.mode,
            access: config.access.clone(),
            sessions: config.sessions,
            web: config.web,
            account: config.account.clone(),
            phone: config.phone.clone(),
            dialling: config.dialling.clone(),
            grace: config.shutdown_grace,
            addresses: Addresses {
                patchbay: own_url(&config, port)?,
                livekit: for_participants(livekit.public_url.as_ref().unwrap_or(&livekit.url)),
            },
            metrics: parts.metrics.clone(),
            profiles: Arc::clone(&parts.profiles),
            agent,
            rooms,
            store: records.store,
            writer: records.writer,
            left_behind: records.left_behind,
            staff,
        },
        drain,
    );

    info!(port, "listening");
    Ok(server.run(listener).await)
}

/// The records, ready to be read and written.
pub(super) struct Records {
    pub(super) store: Store,
    pub(super) writer: Writer,
    /// Sessions that a process before this one left behind.
    pub(super) left_behind: Vec<CallRecord>,
}

pub(super) async fn open_records(config: &Config) -> anyhow::Result<Records> {
    let (store, writer) = Store::open_as(&config.database, &node_name(config)?)
        .await
        .context("choose another folder with --data-dir, or another database with DATABASE_URL")?;
    let left_behind = store.unended_calls().await?;
    Ok(Records {
        store: store.with(config.records),
        writer,
        left_behind,
    })
}

/// Nodes that share a database have names of their own, each in its data folder.
fn node_name(config: &Config) -> anyhow::Result<String> {
    if let Database::File(_) = config.database {
        return Ok(LONE.to_owned());
    }
    let path = config.data_dir.join("node");
    if let Ok(name) = std::fs::read_to_string(&path) {
        return Ok(name.trim().to_owned());
    }
    let number = getrandom::u64().map_err(|error| anyhow!("no randomness: {error}"))?;
    let name = format!("node-{number:016x}");
    std::fs::write(&path, &name).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(name)
}

pub(super) async fn bind(listen: &Listen) -> anyhow::Result<TcpListener> {
    TcpListener::bind((listen.host.as_str(), listen.port))
        .await
        .with_context(|| format!("cannot listen on {listen}; choose another with --listen"))
}

pub(super) fn prepare_data_dir(config: &Config) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| {
        format!(
            "cannot make {}; choose another with --data-dir",
            config.data_dir.display()
        )
    })
}

/// The address to tell callers: the configured one, or the one that works on this machine.
pub(super) fn own_url(config: &Config, port: u16) -> anyhow::Result<Url> {
    if let Some(url) = &config.public_url {
        return Ok(url.clone());
    }
    let listen = Listen {
        port,
        ..config.listen.clone()
    };
    let everywhere = ["127.0.0.1", "0.0.0.0", "::"].contains(&listen.host.as_str());
    let listen = if everywhere {
        Listen {
            host: "localhost".to_owned(),
            port,
        }
    } else {
        listen
    };
    Url::parse(&format!("http://{listen}")).map_err(|error| anyhow!(error))
}

/// LiveKit's clients take `ws` and `wss`.
pub(super) fn for_participants(livekit: &Url) -> String {
    let text = livekit.as_str().trim_end_matches('/');
    match text.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => text.to_owned(),
    }
}
