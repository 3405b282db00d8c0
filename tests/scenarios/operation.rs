//! Health, readiness, metrics.

use room_contract::memory::Reachable;
use serde_json::json;

use crate::world::World;

#[tokio::test(start_paused = true)]
async fn the_server_is_ready_while_livekit_answers() {
    let world = World::new().await;
    assert_eq!(
        world.get("/readyz").await.expecting(200).json(),
        json!({ "status": "ready", "livekit": "ok" })
    );

    world.rooms.set_reachable(Reachable::No);
    world.pass(6.0).await;
    let unready = world.get("/readyz").await.expecting(503);
    world.get("/healthz").await.expecting(200);

    world.rooms.set_reachable(Reachable::Yes);
    world.pass(1.0).await;
    world.get("/readyz").await.expecting(200);

    assert_eq!(unready.code(), "not_ready");
    assert_eq!(
        unready.json()["error"]["details"],
        json!({ "livekit": "unreachable", "draining": false })
    );
}

#[tokio::test(start_paused = true)]
async fn metrics_count_sessions_and_requests_without_naming_anybody() {
    let world = World::new().await;
    world
        .create(&json!({ "roomName": "secret-meeting", "hostIdentity": "ann" }))
        .await;
    world.create(&json!({})).await;
    world.delete("/room/secret-meeting").await.expecting(204);

    let metrics = world.get("/metrics").await.expecting(200).text;

    for line in [
        "patchbay_sessions_live{channel=\"web\"} 1",
        "patchbay_sessions_opened_total{channel=\"web\"} 2",
        "patchbay_sessions_ended_total{channel=\"web\",reason=\"completed\"} 1",
        "patchbay_http_requests_total{method=\"POST\",route=\"/room/create\",status=\"201\"} 2",
        "patchbay_http_requests_total{method=\"DELETE\",route=\"/room/{room}\",status=\"204\"} 1",
        "patchbay_livekit_up 1",
    ] {
        assert!(
            metrics.lines().any(|one| one == line),
            "{line} in\n{metrics}"
        );
    }
    assert!(!metrics.contains("secret-meeting") && !metrics.contains("\"ann\""));
}
