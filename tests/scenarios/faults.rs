//! A database that does not take what it is told: calls go on, and nothing is lost. A database answers in its own time,
//! so these run on the real clock.

use std::time::Duration;

use serde_json::json;
use sqlx::Connection;
use tokio::time::sleep;

use crate::place::{Place, on_both};
use crate::world::World;

/// How long the fault lasts: longer than a statement waits.
const LOCKED: Duration = Duration::from_secs(5);

on_both![calls_begin_go_on_and_end_while_the_database_is_locked];

async fn calls_begin_go_on_and_end_while_the_database_is_locked(place: Place) {
    let world = World::with_agent_at(place).await;
    world.create(&json!({ "roomName": "before" })).await;
    let ann = world.join("before", "ann").await;
    world.sees_an_agent("before").await;
    world.store.settled().await;

    let lock = world.place().lock().await;
    world.create(&json!({ "roomName": "during" })).await;
    let bob = world.join("during", "bob").await;
    world.sees_an_agent("during").await;
    world.delete("/room/before").await.expecting(204);
    drop(ann);
    sleep(LOCKED).await;
    let live = world.status("web-during").await;
    let listed = world.get("/api/v1/calls").await.expecting(200).json();
    lock.close().await.unwrap();
    world.store.settled().await;

    assert_eq!(live.as_deref(), Some("active"));
    // What was written before can be read meanwhile.
    assert_eq!(listed["calls"].as_array().unwrap().len(), 1);
    assert_eq!(listed["calls"][0]["status"], "active");
    let before = world.get("/api/v1/calls/web-before").await.json();
    let during = world.get("/api/v1/calls/web-during").await.json();
    assert_eq!(
        (&before["status"], &before["reason"]),
        (&json!("ended"), &json!("completed"))
    );
    assert_eq!(during["status"], "active");
    assert_eq!(during["transcript"][0]["text"], "We open at nine.");
    assert_eq!(during["events"][0]["report"]["totalMs"], 420);
    drop(bob);
}
