//! `patchbay dev`: everything on this machine.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::anyhow;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::local_livekit::LocalLiveKit;
use super::say;
use super::serve::{Records, bind, for_participants, open_records, own_url, prepare_data_dir};
use crate::config::{AgentKind, Config, LiveKit};
use crate::http::Addresses;
use crate::server::{Ground, Server};
use crate::sessions::Drained;
use crate::troupe::Parts;
use crate::wiring;

pub(super) async fn run(
    config: Config,
    parts: Parts,
    drain: CancellationToken,
) -> anyhow::Result<Drained> {
    prepare_data_dir(&config)?;
    let records = open_records(&config).await?;
    let listener = bind(&config.listen).await?;
    let address = listener.local_addr()?;

    let Some(livekit) = config.livekit.clone() else {
        let local = LocalLiveKit::start(&config, &webhook_url(address)?).await?;
        let origin = format!("started here; its log is {}", local.log().display());
        let work = serve(
            &config,
            local.access(),
            origin,
            Site {
                listener,
                records,
                parts,
            },
            drain,
        );
        return local.kept_while(work).await;
    };
    let hook = own_url(&config, address.port())?.join("livekit/webhook")?;
    let origin = format!("given by LIVEKIT_URL; its webhooks belong to {hook}");
    serve(
        &config,
        &livekit,
        origin,
        Site {
            listener,
            records,
            parts,
        },
        drain,
    )
    .await
}

/// Where the server stands.
struct Site {
    listener: TcpListener,
    records: Records,
    parts: Parts,
}

/// Runs the server and says when it is ready.
fn serve(
    config: &Config,
    livekit: &LiveKit,
    origin: String,
    site: Site,
    drain: CancellationToken,
) -> impl Future<Output = anyhow::Result<Drained>> + use<> {
    let agent = described(&site.parts);
    let prepared = prepare(
        config,
        livekit,
        &site.listener,
        (site.records, site.parts, drain),
    );
    let listener = site.listener;
    async move {
        let (server, addresses) = prepared?;
        let mut health = server.health();
        let mut running = std::pin::pin!(server.run(listener));
        tokio::select! {
            drained = &mut running => return Ok(drained),
            () = health.well() => announce(&addresses, &origin, &agent),
        }
        Ok(running.await)
    }
}

fn prepare(
    config: &Config,
    livekit: &LiveKit,
    listener: &TcpListener,
    (records, parts, drain): (Records, Parts, CancellationToken),
) -> anyhow::Result<(Server, Addresses)> {
    let rooms = wiring::rooms(livekit)?;
    let addresses = Addresses {
        patchbay: own_url(config, listener.local_addr()?.port())?,
        livekit: for_participants(livekit.public_url.as_ref().unwrap_or(&livekit.url)),
    };
    let (agent, staff) = wiring::people(config, &rooms, &parts);
    let ground = Ground {
        mode: config.mode,
        access: config.access.clone(),
        sessions: config.sessions,
        web: config.web,
        account: config.account.clone(),
        phone: config.phone.clone(),
        dialling: config.dialling.clone(),
        grace: config.shutdown_grace,
        addresses: addresses.clone(),
        metrics: parts.metrics.clone(),
        profiles: Arc::clone(&parts.profiles),
        agent,
        rooms,
        store: records.store,
        writer: records.writer,
        left_behind: records.left_behind,
        staff,
    };
    Ok((Server::new(ground, drain), addresses))
}

/// Who new rooms get, in one line.
fn described(parts: &Parts) -> String {
    let Some((name, profile)) = parts.profiles.get(None) else {
        return "none".to_owned();
    };
    match profile.cast.agent {
        AgentKind::Echo => format!("`{name}`, an echo: it says the last three seconds back"),
        AgentKind::Conversation => {
            let cast = &profile.cast;
            format!(
                "`{name}`, by {} (hears), {} (thinks), {} (speaks)",
                cast.transcribers.join(", "),
                cast.thinkers.join(", "),
                cast.speakers.join(", ")
            )
        }
    }
}

fn announce(addresses: &Addresses, origin: &str, agent: &str) {
    let patchbay = addresses.patchbay.as_str().trim_end_matches('/');
    say(&format!(
        "Patchbay is ready: {patchbay}\n\n  \
         API      {patchbay}/docs\n  \
         LiveKit  {} ({origin})\n  \
         Agent    {agent}\n  \
         Stop     Ctrl-C\n",
        addresses.livekit
    ));
}

/// Where the local LiveKit server sends its events: to this server, over loopback.
fn webhook_url(own: SocketAddr) -> anyhow::Result<Url> {
    let host = if own.ip().is_unspecified() {
        IpAddr::from(Ipv4Addr::LOCALHOST)
    } else {
        own.ip()
    };
    let address = SocketAddr::new(host, own.port());
    Url::parse(&format!("http://{address}/livekit/webhook")).map_err(|error| anyhow!(error))
}
