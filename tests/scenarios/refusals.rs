//! What the API does not take, and how it says so.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::snapshot;
use crate::world::{Answer, World};

#[tokio::test(start_paused = true)]
async fn every_refusal_has_the_one_shape() {
    let world = World::new().await;
    let mut refusals = serde_json::Map::new();

    for (name, answer) in [
        ("no such route", world.get("/nowhere").await),
        ("no such method", world.delete("/sessions").await),
        ("no such room", world.get("/room/nowhere").await),
        ("no such session", world.get("/sessions/nowhere").await),
        (
            "not JSON",
            raw(&world, "application/json", "{\"roomName\":").await,
        ),
        ("not declared", raw(&world, "text/plain", "{}").await),
        (
            "too large",
            raw(&world, "application/json", &"x".repeat(65 * 1024)).await,
        ),
        (
            "unknown field",
            create(&world, json!({ "roomname": "demo" })).await,
        ),
        (
            "wrong type",
            create(&world, json!({ "agent": "yes" })).await,
        ),
        (
            "name too long",
            create(&world, json!({ "roomName": "x".repeat(257) })).await,
        ),
        (
            "name empty",
            create(&world, json!({ "roomName": "" })).await,
        ),
        (
            "control character",
            create(&world, json!({ "hostName": "a\nb" })).await,
        ),
        (
            "reserved identity",
            create(&world, json!({ "hostIdentity": "agent-1" })).await,
        ),
        (
            "no such profile",
            create(&world, json!({ "profile": "dentist" })).await,
        ),
        ("not an object", create(&world, json!([1])).await),
        (
            "missing field",
            world
                .post("/room/join", &json!({ "roomName": "demo" }))
                .await,
        ),
        (
            "unusable idempotency key",
            world
                .post_with("/room/create", &json!({}), &[("idempotency-key", "")])
                .await,
        ),
    ] {
        refusals.insert(
            name.to_owned(),
            json!([answer.status.as_u16(), answer.json()]),
        );
    }

    snapshot::matches("refusals", &Value::Object(refusals));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new().await;

    let answer = world.post("/sessions", &json!({})).await.expecting(405);

    assert_eq!(answer.headers["allow"], "GET,HEAD");
}

#[tokio::test(start_paused = true)]
async fn a_name_of_the_longest_length_is_taken() {
    let world = World::new().await;
    let longest = "ä".repeat(256);

    let answer = create(&world, json!({ "roomName": longest, "hostName": longest })).await;

    assert_eq!(answer.expecting(201).json()["roomName"], longest);
}

#[tokio::test(start_paused = true)]
async fn a_declared_charset_and_a_left_out_body_are_accepted() {
    let world = World::new().await;
    let left_out = Request::post("/room/create").body(Body::empty()).unwrap();

    raw(&world, "application/json; charset=utf-8", "{}")
        .await
        .expecting(201);
    world.send(left_out).await.expecting(201);
}

#[tokio::test(start_paused = true)]
async fn every_answer_carries_a_request_id_and_safe_headers() {
    let world = World::new().await;
    let named = Request::get("/healthz").header("x-request-id", "mine-1");
    let hostile = Request::get("/healthz").header("x-request-id", "a b\"c");

    let named = world.send(named.body(Body::empty()).unwrap()).await;
    let hostile = world.send(hostile.body(Body::empty()).unwrap()).await;

    assert_eq!(named.headers["x-request-id"], "mine-1");
    assert_eq!(hostile.headers["x-request-id"].len(), 16);
    assert_eq!(named.headers["x-content-type-options"], "nosniff");
    assert_eq!(named.headers["cache-control"], "no-store");
}

async fn create(world: &World, body: Value) -> Answer {
    world.post("/room/create", &body).await
}

async fn raw(world: &World, kind: &str, body: &str) -> Answer {
    let request = Request::post("/room/create").header("content-type", kind);
    world
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}
