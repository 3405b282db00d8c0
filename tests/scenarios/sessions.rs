//! Sessions: how they begin, go on and end by themselves.

use std::sync::Arc;

use patchbay::config::SessionLimits;
use serde_json::json;

use crate::agents::Unlucky;
use crate::snapshot;
use crate::world::{Choices, World};

#[tokio::test(start_paused = true)]
async fn live_sessions_are_listed_and_counted_by_channel() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "one" })).await;
    world
        .create(&json!({ "roomName": "two", "agent": false }))
        .await;
    let _ann = world.join("one", "ann").await;
    world.pass(1.0).await;

    let list = world.get("/sessions").await.expecting(200).json();
    let one = world.get("/sessions/web-one").await.expecting(200).json();

    let changing = [
        "/sessions/0/callId",
        "/sessions/0/createdAt",
        "/sessions/1/callId",
        "/sessions/1/createdAt",
    ];
    snapshot::matches("sessions", &snapshot::redacted(list.clone(), &changing));
    assert_eq!(list["sessions"][0], one);
}

#[tokio::test(start_paused = true)]
async fn a_session_becomes_active_with_its_first_caller_and_ends_after_the_last() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    assert_eq!(world.status("web-demo").await.as_deref(), Some("created"));

    let ann = world.join("demo", "ann").await;
    let bob = world.join("demo", "bob").await;
    world.pass(1.0).await;
    assert_eq!(world.status("web-demo").await.as_deref(), Some("active"));

    ann.room.leave().await;
    world.pass(60.0).await;
    assert_eq!(world.status("web-demo").await.as_deref(), Some("active"));

    bob.room.leave().await;
    world.pass(5.0).await;
    assert_eq!(
        world.get("/sessions/web-demo").await.expecting(404).code(),
        "session_not_found"
    );
    world.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_even_when_every_webhook_is_lost() {
    let world = World::with_agent().await;
    let lost = world.rooms.webhooks(); // the latest listener gets them: the server none
    world.create(&json!({ "roomName": "demo" })).await;
    let ann = world.join("demo", "ann").await;
    world.pass(6.0).await;
    assert_eq!(world.status("web-demo").await.as_deref(), Some("active"));

    ann.room.leave().await;
    world.pass(9.0).await;

    assert_eq!(world.status("web-demo").await, None);
    drop(lost);
    world.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_room_that_nobody_joins_is_closed_after_five_minutes() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "demo" })).await;

    world.pass(299.0).await;
    assert_eq!(world.status("web-demo").await.as_deref(), Some("created"));
    world.pass(2.0).await;

    assert_eq!(world.status("web-demo").await, None);
    world.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_agent_without_a_caller_leaves_and_comes_back_with_the_next() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    world.pass(1.0).await;
    assert_eq!(people(&world).await, 1);

    world.pass(9.0).await;
    assert_eq!(people(&world).await, 0);

    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;
    assert_eq!(people(&world).await, 2);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_panics_or_fails_is_replaced_and_the_session_goes_on() {
    let world = World::with(|rooms| Choices {
        agent: Some(Arc::new(Unlucky::new(rooms.clone()))),
        ..Choices::default()
    })
    .await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;

    world.pass(5.0).await;

    assert_eq!(people(&world).await, 2);
    assert_eq!(world.status("web-demo").await.as_deref(), Some("active"));
}

#[tokio::test(start_paused = true)]
async fn an_old_token_does_not_bring_a_closed_room_back() {
    let world = World::new().await;
    let created = world
        .create(&json!({ "roomName": "demo", "hostIdentity": "ann" }))
        .await;
    world.delete("/room/demo").await.expecting(204);

    let _ghost = world.enter(created.json()["token"].as_str().unwrap()).await;
    world.pass(1.0).await;

    world.stop().await; // it makes sure that no room is left
}

#[tokio::test(start_paused = true)]
async fn one_session_more_than_the_server_takes_is_refused_and_the_others_go_on() {
    let limits = SessionLimits {
        max: 2,
        ..SessionLimits::default()
    };
    let world = World::with(|_| Choices {
        limits,
        ..Choices::default()
    })
    .await;
    world.create(&json!({ "roomName": "one" })).await;
    world.create(&json!({ "roomName": "two" })).await;

    let refused = world.post("/room/create", &json!({})).await.expecting(503);

    assert_eq!(refused.code(), "overloaded");
    assert_eq!(world.get("/sessions").await.json()["total"], 2);
}

#[tokio::test(start_paused = true)]
async fn after_a_thousand_sessions_nothing_is_left() {
    let world = World::with_agent().await;

    for number in 0..1000 {
        let room = format!("room-{number}");
        world.create(&json!({ "roomName": room })).await;
        let caller = world.join(&room, "ann").await;
        world.pass(0.1).await;
        caller.room.leave().await;
    }
    world.pass(10.0).await;

    let metrics = world.get("/metrics").await.text;
    assert!(
        metrics.contains("patchbay_sessions_live{channel=\"web\"} 0\n"),
        "{metrics}"
    );
    let ended = "patchbay_sessions_ended_total{channel=\"web\",reason=\"caller-left\"} 1000\n";
    assert!(metrics.contains(ended), "{metrics}");
    assert_eq!(world.rooms.tasks(), 0);
    world.stop().await;
}

async fn people(world: &World) -> usize {
    world.get("/room/demo").await.json()["participants"]
        .as_array()
        .unwrap()
        .len()
}
