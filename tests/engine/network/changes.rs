//! The ground moves: this machine's address changes, the server goes away and comes back.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::{Scene, milliseconds};
use crate::support::figure;

/// Back within this time after the path is.
const BACK_WITHIN: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn a_new_address_takes_the_sound_along() -> Result<()> {
    let scene = Scene::plain().await?;
    scene.both_hear().await?;

    let recording = scene.record_at_probe(Duration::from_secs(10));
    let changing = async {
        scene.host.hear("probe", Duration::from_secs(1)).await?;
        let changed = Instant::now();
        scene.wire.change_address(2, 3)?;
        // Packets on the wire at that moment do not count.
        let steady = scene
            .steady_since(changed + Duration::from_millis(100))
            .await?;
        anyhow::Ok(steady - changed)
    };
    let (recorded, at_host) = tokio::join!(recording, changing);
    let at_host = at_host?;
    let at_probe = Duration::from_secs_f64(milliseconds(&recorded?, "longest_wait_ms") / 1000.0);

    figure(
        "sound back after a change of address",
        format!("{at_host:?} / {at_probe:?}"),
    );
    ensure!(
        at_host < BACK_WITHIN && at_probe < BACK_WITHIN,
        "{at_host:?}, {at_probe:?}"
    );
    scene
        .probe
        .event("state", |fields| fields["state"] == "reconnected")
        .await?;
    let states = scene.probe_states();
    ensure!(states == ["reconnecting", "reconnected"], "{states:?}");
    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn a_server_that_was_killed_and_started_again_is_joined_again() -> Result<()> {
    let mut scene = Scene::plain().await?;
    scene.both_hear().await?;

    scene.venue.server.process().kill().await;
    scene.venue.server.process().restart().await?;
    let ready = Instant::now();
    let steady = scene.steady_since(ready).await?;

    figure(
        "sound back after the server was killed",
        format!("{:?}", steady - ready),
    );
    ensure!(steady - ready < BACK_WITHIN, "{:?}", steady - ready);
    scene
        .probe
        .event("state", |fields| fields["state"] == "reconnected")
        .await?;
    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}
