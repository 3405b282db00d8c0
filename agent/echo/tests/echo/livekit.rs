//! The echo on a real LiveKit server.

use std::{sync::Arc, time::Duration};

use room_launcher::{LiveKitServer, Options};
use room_livekit::{LiveKitConfig, LiveKitRooms};
use secrecy::SecretString;

use crate::scene::{Scene, hears};

#[tokio::test(flavor = "multi_thread")]
async fn a_tone_comes_back_through_the_server() {
    let server = LiveKitServer::start(Options::default())
        .await
        .expect("a server");
    let rooms = LiveKitRooms::new(LiveKitConfig {
        url: server.url(),
        public_url: None,
        api_key: server.api_key().to_owned(),
        api_secret: SecretString::from(server.api_secret()),
    });
    let rooms = rooms.expect("a usable configuration");
    let scene = Scene::open(Arc::new(rooms.without_shortcuts())).await;
    let mut caller = scene.call("ann").await;
    let mut echo = caller.finds_the_echo().await;

    caller.says(440.0, Duration::from_secs(2)).await;
    let heard = hears(&mut echo, 440.0).await;

    assert!(heard.share > 0.95, "{heard:?}");
    assert!(
        heard.duration.abs_diff(Duration::from_secs(2)) < Duration::from_millis(200),
        "{heard:?}"
    );
    assert!(heard.longest_gap <= Duration::from_millis(40), "{heard:?}");
}
