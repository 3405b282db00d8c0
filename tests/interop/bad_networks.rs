//! Ours behind a bad network: what it says arrives, what it hears stays in time.

use std::time::Duration;

use serde_json::json;
use tests_harness::{
    Heard, Peer, PeerKind, TestServer,
    impair::{Conditions, Impairer},
    listen,
};

use crate::cast::{LEVEL, ROOM, turn};

const LISTENING: Duration = Duration::from_secs(20);
const SEED: u64 = 5;
const NEAR_HZ: f32 = 440.0;
const FAR_HZ: f32 = 620.0;
/// What is on the way when a recording starts or ends, at ± 80 ms.
const DRIFT_AT_MOST: Duration = Duration::from_millis(400);
/// Sent with redundancy, so that single losses leave no trace.
const CONCEALED_AT_5_PERCENT: f64 = 0.015;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_percent_of_loss_is_not_heard() {
    for result in through(Conditions::loss(0.01)).await {
        assert!(result.concealed < CONCEALED_AT_5_PERCENT, "{result:?}");
        assert!(result.heard.share > 0.97, "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_five_percent_of_loss_redundancy_leaves_little_to_conceal() {
    for result in through(Conditions::loss(0.05)).await {
        assert!(result.lost > 0.0, "the network lost nothing: {result:?}");
        assert!(result.concealed <= CONCEALED_AT_5_PERCENT, "{result:?}");
        assert!(result.heard.share > 0.95, "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_percent_of_loss_is_survived_and_reported() {
    for result in through(Conditions::loss(0.2)).await {
        assert!(result.concealed > 0.0, "{result:?}");
        // Two losses in a row happen to every twenty-fifth packet.
        assert!(result.concealed < 0.08, "{result:?}");
        assert!(result.heard.share > 0.8, "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jitter_delays_and_nothing_more() {
    for result in through(Conditions::jitter(Duration::from_millis(80))).await {
        assert!(result.concealed < 0.02, "{result:?}");
        assert!(result.heard.share > 0.95, "{result:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reordered_packets_are_put_in_order() {
    for result in through(Conditions::reordering(0.05)).await {
        assert!(result.concealed < 0.01, "{result:?}");
        assert!(result.heard.share > 0.97, "{result:?}");
    }
}

/// What one listener got.
#[derive(Debug)]
struct Outcome {
    heard: Heard,
    lost: f64,
    /// Share of the samples that were made up.
    concealed: f64,
    /// How much longer or shorter the recording is than the time it took: a delay that grows or
    /// shrinks.
    drift: Duration,
}

/// One of ours is behind a network, another is not; both speak and listen. Returns what each heard.
/// Asserts what holds on every network: nobody drops out, and the delay does not grow.
async fn through(conditions: Conditions) -> [Outcome; 2] {
    let _turn = turn().await;
    let server = TestServer::start().await.unwrap();
    let network = Impairer::start(&server, SEED).await.unwrap();
    let near = joined(&server, &network.url(), "near").await;
    let far = joined(&server, &server.url(), "far").await;
    near.publish_tone(NEAR_HZ, LEVEL).await.unwrap();
    far.publish_tone(FAR_HZ, LEVEL).await.unwrap();
    // Both are heard before the network turns bad.
    tokio::join!(hear(&near, "far"), hear(&far, "near"));

    network.set(conditions);
    let (down, up) = tokio::join!(
        record(&near, "far", FAR_HZ, LISTENING),
        record(&far, "near", NEAR_HZ, LISTENING)
    );

    for (way, outcome) in [("down", &down), ("up", &up)] {
        #[expect(
            clippy::print_stdout,
            reason = "the figures are a result, also when all is well"
        )]
        {
            println!("{conditions:?}, {way}: {outcome:?}");
        }
        assert!(outcome.drift < DRIFT_AT_MOST, "{way}: {outcome:?}");
    }
    let mut events = near.events().into_iter().chain(far.events());
    let dropped = events.find(|e| e.name == "state" && e.fields["state"] != "connected");
    assert!(dropped.is_none(), "{dropped:?}");
    [down, up]
}

async fn record(listener: &Peer, speaker: &str, hertz: f32, time: Duration) -> Outcome {
    let file = tempfile::NamedTempFile::new().unwrap();
    let before = stats(listener, speaker).await;
    let recorded = listener.record(speaker, time, file.path()).await.unwrap();
    let after = stats(listener, speaker).await;

    let [lost, concealed, total] = std::array::from_fn(|i| after[i] - before[i]);
    Outcome {
        heard: listen(file.path(), hertz).unwrap(),
        lost,
        concealed: concealed / total,
        drift: Duration::from_secs_f64(recorded.samples as f64 / 48_000.0).abs_diff(time),
    }
}

async fn hear(listener: &Peer, speaker: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    listener
        .record(speaker, Duration::from_secs(1), file.path())
        .await
        .unwrap();
}

/// Lost packets, concealed samples, all samples.
async fn stats(listener: &Peer, speaker: &str) -> [f64; 3] {
    let stats = listener
        .perform("stats", json!({ "identity": speaker }))
        .await
        .unwrap();
    ["packets_lost", "concealed_samples", "total_samples"]
        .map(|name| stats[name].as_f64().unwrap_or_default())
}

async fn joined(server: &TestServer, url: &str, identity: &str) -> Peer {
    let peer = Peer::start(PeerKind::Rust).await.unwrap();
    peer.join(url, &server.token(ROOM, identity).unwrap())
        .await
        .unwrap();
    peer
}
