//! The impairer against clients that know nothing of it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use std::time::Duration;

use tests_harness::{
    Heard, Peer, PeerKind, TestServer,
    impair::{Conditions, Impairer},
    listen,
};

const ROOM: &str = "impaired";
const SPEAKER: f32 = 440.0;

#[tokio::test]
async fn all_media_passes_the_impairer_and_a_cut_silences_it() {
    let server = TestServer::start().await.unwrap();
    let impairer = Impairer::start(&server, 1).await.unwrap();
    let speaker = joined(&server, &impairer.url(), PeerKind::Chromium, "speaker").await;
    let listener = joined(&server, &server.url(), PeerKind::Python, "listener").await;
    speaker.publish_tone(SPEAKER, -20.0).await.unwrap();

    let clear = record(&listener, 4).await;
    let before = impairer.carried_up();
    impairer.set(Conditions::cut());
    // The receiver's buffer runs empty first.
    record(&listener, 1).await;
    let cut = record(&listener, 2).await;

    assert!(clear.share > 0.95, "{clear:?}");
    assert!(before > 50, "only {before} packets passed");
    assert!(cut.duration < Duration::from_millis(500), "{cut:?}");
}

async fn record(listener: &Peer, seconds: u64) -> Heard {
    let file = tempfile::NamedTempFile::new().unwrap();
    listener
        .record("speaker", Duration::from_secs(seconds), file.path())
        .await
        .unwrap();
    listen(file.path(), SPEAKER).unwrap()
}

async fn joined(server: &TestServer, url: &str, kind: PeerKind, identity: &str) -> Peer {
    let peer = Peer::start(kind).await.unwrap();
    peer.join(url, &server.token(ROOM, identity).unwrap())
        .await
        .unwrap();
    peer
}
