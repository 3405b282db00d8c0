//! Stopping: no new sessions, live ones go on until the grace period is over.

use std::time::Duration;

use patchbay::sessions::Drained;
use serde_json::json;

use crate::world::{Choices, World};

#[tokio::test(start_paused = true)]
async fn a_stopping_server_refuses_new_sessions_and_says_so() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "live" })).await;
    let _ann = world.join("live", "ann").await;
    world.pass(1.0).await;

    world.drain.cancel();
    world.pass(1.0).await;

    assert_eq!(
        world
            .post("/room/create", &json!({}))
            .await
            .expecting(503)
            .code(),
        "draining"
    );
    let unready = world.get("/readyz").await.expecting(503);
    assert_eq!(unready.json()["error"]["details"]["draining"], true);
    assert_eq!(world.status("web-live").await.as_deref(), Some("active"));
    let _bob = world.join("live", "bob").await;
}

#[tokio::test(start_paused = true)]
async fn the_server_stops_as_soon_as_the_last_session_is_over() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "idle" })).await;
    world.create(&json!({ "roomName": "live" })).await;
    let ann = world.join("live", "ann").await;
    world.pass(1.0).await;
    let started = tokio::time::Instant::now();

    world.drain.cancel();
    world.pass(10.0).await;
    ann.room.leave().await;
    let drained = world.stop().await;

    assert_eq!(drained, Drained::Completely);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn sessions_that_outlast_the_grace_period_are_cut_off() {
    let grace = Duration::from_secs(20);
    let world = World::with(|_| Choices {
        grace,
        ..Choices::default()
    })
    .await;
    world.create(&json!({ "roomName": "live" })).await;
    let _ann = world.join("live", "ann").await;
    world.pass(1.0).await;
    let started = tokio::time::Instant::now();

    let drained = world.stop().await;

    assert_eq!(drained, Drained::Cutting(1));
    assert!(started.elapsed() >= grace && started.elapsed() < grace * 2);
}

#[tokio::test(start_paused = true)]
async fn a_livekit_that_is_down_does_not_keep_the_server_from_stopping() {
    use room_contract::memory::Reachable;
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "live" })).await;
    let _ann = world.join("live", "ann").await;
    world.pass(1.0).await;
    world.rooms.set_reachable(Reachable::No);
    let started = tokio::time::Instant::now();

    world.drain.cancel();
    world.pass(60.0).await;
    world.rooms.set_reachable(Reachable::Yes);

    // Nobody could close the room: it is left to LiveKit's own time-outs.
    assert!(
        world
            .post("/room/create", &json!({}))
            .await
            .status
            .is_server_error()
    );
    assert!(started.elapsed() < Duration::from_secs(120));
}
