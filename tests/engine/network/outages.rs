//! Promise 9: the path dies and comes back.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

use super::{Scene, milliseconds};
use crate::support::figure;

/// Back within this time after the path is.
const BACK_WITHIN: Duration = Duration::from_secs(3);

/// Once the server has given a participant up, the SDK tries to join again with pauses that grow to
/// seven seconds, after attempts that take five to fail: the engine has no say in it.
const REJOINED_WITHIN: Duration = Duration::from_secs(20);

/// Cuts the wire for some time. Returns how long sound took afterwards: at the host, at the probe.
async fn outage(scene: &Scene, time: Duration) -> Result<(Duration, Duration)> {
    let recording = scene.record_at_probe(time + Duration::from_secs(16));
    let cutting = async {
        // Sound flows before: the recording's longest wait will be this outage.
        scene.host.hear("probe", Duration::from_secs(1)).await?;
        let cut = Instant::now();
        scene.wire.cut()?;
        // The outage itself, not a wait for something to happen.
        sleep(time).await;
        scene.wire.mend()?;
        let mended = Instant::now();
        let steady = scene.steady_since(mended).await?;
        anyhow::Ok((steady - mended, mended - cut))
    };
    let (recorded, cut) = tokio::join!(recording, cutting);
    let (at_host, was_cut) = cut?;
    let waited = Duration::from_secs_f64(milliseconds(&recorded?, "longest_wait_ms") / 1000.0);
    Ok((at_host, waited.saturating_sub(was_cut)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn a_path_cut_for_eight_seconds_comes_back_by_itself() -> Result<()> {
    let scene = Scene::plain().await?;
    scene.both_hear().await?;

    let (at_host, at_probe) = outage(&scene, Duration::from_secs(8)).await?;

    figure(
        "sound back after 8 s without path",
        format!("{at_host:?} / {at_probe:?}"),
    );
    ensure!(
        at_host < BACK_WITHIN && at_probe < BACK_WITHIN,
        "{at_host:?}, {at_probe:?}"
    );
    let states = scene.probe_states();
    // A busy machine may notice; it must not give up.
    let gave_up = states.iter().any(|state| state == "disconnected");
    ensure!(!gave_up, "{states:?}");
    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn a_path_cut_until_everybody_gave_up_is_replaced() -> Result<()> {
    let scene = Scene::plain().await?;
    scene.both_hear().await?;

    let (at_host, at_probe) = outage(&scene, Duration::from_secs(25)).await?;

    figure(
        "sound back after 25 s without path",
        format!("{at_host:?} / {at_probe:?}"),
    );
    ensure!(
        at_host < REJOINED_WITHIN && at_probe < REJOINED_WITHIN,
        "{at_host:?}, {at_probe:?}"
    );
    let states = scene.probe_states();
    ensure!(states == ["reconnecting", "reconnected"], "{states:?}");
    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, ip and nft: make test-network"]
async fn when_udp_alone_dies_tcp_takes_over() -> Result<()> {
    let scene = Scene::plain().await?;
    scene.both_hear().await?;

    let cut = Instant::now();
    scene.wire.cut_udp()?;
    // What was under way when the rule came does not count.
    let steady = scene.steady_since(cut + Duration::from_millis(500)).await?;

    scene
        .probe
        .event("state", |fields| fields["state"] == "reconnected")
        .await?;
    figure(
        "sound back by TCP after UDP died",
        format!("{:?}", steady - cut),
    );
    ensure!(steady - cut < Duration::from_secs(8), "{:?}", steady - cut);
    scene.both_hear().await?;
    scene.is_single().await?;
    scene.close().await
}
