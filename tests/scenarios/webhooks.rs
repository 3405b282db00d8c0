//! Webhooks from LiveKit.

use axum::body::Body;
use axum::http::Request;
use room_contract::memory::SignedWebhook;
use serde_json::json;

use crate::world::{World, webhook_request};

#[tokio::test(start_paused = true)]
async fn a_repeated_webhook_is_taken_and_changes_nothing() {
    let world = World::new().await;
    let webhook = one_webhook(&world).await;

    for _ in 0..3 {
        world.send(webhook_request(&webhook)).await.expecting(204);
    }

    let metrics = world.get("/metrics").await.text;
    let counted = |fate| format!("patchbay_webhooks_total{{source=\"livekit\",fate=\"{fate}\"}}");
    assert!(
        metrics.contains(&format!("{} 1\n", counted("accepted"))),
        "{metrics}"
    );
    assert!(
        metrics.contains(&format!("{} 2\n", counted("repeated"))),
        "{metrics}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_webhook_with_a_wrong_signature_is_refused() {
    let world = World::new().await;
    let webhook = one_webhook(&world).await;

    let altered = SignedWebhook {
        body: "{}".into(),
        ..webhook.clone()
    };
    let forged = SignedWebhook {
        authorization: "0".repeat(16),
        ..webhook.clone()
    };
    let mut unsigned = webhook_request(&webhook);
    unsigned.headers_mut().remove("authorization");

    for request in [
        webhook_request(&altered),
        webhook_request(&forged),
        unsigned,
    ] {
        assert_eq!(
            world.send(request).await.expecting(401).code(),
            "unauthorized"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_webhook_of_another_kind_or_size_is_refused() {
    let world = World::new().await;
    let huge = Body::from(vec![b' '; 2 * 1024 * 1024 + 1]);

    let as_form = webhook("application/x-www-form-urlencoded", Body::from("{}"));
    let too_large = webhook("application/webhook+json", huge);

    assert_eq!(
        world.send(as_form).await.expecting(415).code(),
        "unsupported_media_type"
    );
    assert_eq!(
        world.send(too_large).await.expecting(413).code(),
        "body_too_large"
    );
}

#[tokio::test(start_paused = true)]
async fn webhooks_about_rooms_of_others_change_nothing() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "ours" })).await;

    foreign_room(&world).await;
    world.pass(1.0).await;

    assert_eq!(world.get("/sessions").await.json()["total"], 1);
    assert!(
        room(&world, "foreign").await,
        "somebody else's room must be left alone"
    );
}

/// Takes one webhook before it is delivered.
async fn one_webhook(world: &World) -> SignedWebhook {
    let mut webhooks = world.rooms.webhooks();
    foreign_room(world).await;
    webhooks.next().await.unwrap()
}

async fn foreign_room(world: &World) {
    use room_contract::{NewRoom, Rooms};
    world
        .rooms
        .create(NewRoom::named("foreign".parse().unwrap()))
        .await
        .unwrap();
}

async fn room(world: &World, name: &str) -> bool {
    use room_contract::Rooms;
    world
        .rooms
        .find(&name.parse().unwrap())
        .await
        .unwrap()
        .is_some()
}

fn webhook(kind: &str, body: Body) -> Request<Body> {
    Request::post("/livekit/webhook")
        .header("content-type", kind)
        .header("authorization", "x")
        .body(body)
        .unwrap()
}
