//! `Idempotency-Key`.

use serde_json::json;

use crate::world::World;

const KEY: [(&str, &str); 1] = [("idempotency-key", "order-7")];

#[tokio::test(start_paused = true)]
async fn the_same_request_twice_creates_one_room_and_gets_one_answer() {
    let world = World::new().await;

    let first = world
        .post_with("/room/create", &json!({}), &KEY)
        .await
        .expecting(201);
    let second = world
        .post_with("/room/create", &json!({}), &KEY)
        .await
        .expecting(201);

    assert_eq!(first.json(), second.json());
    assert_eq!(world.get("/sessions").await.json()["total"], 1);
}

#[tokio::test(start_paused = true)]
async fn two_at_once_create_one_room() {
    let world = World::new().await;
    let body = json!({ "roomName": "demo" });

    let (one, two) = tokio::join!(
        world.post_with("/room/create", &body, &KEY),
        world.post_with("/room/create", &body, &KEY),
    );

    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert!([[201, 201], [201, 409]].contains(&statuses), "{statuses:?}");
    assert_eq!(world.get("/sessions").await.json()["total"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_is_good_for_one_request_only() {
    let world = World::new().await;
    world
        .post_with("/room/create", &json!({}), &KEY)
        .await
        .expecting(201);

    let other = world
        .post_with("/room/create", &json!({ "agent": false }), &KEY)
        .await;

    assert_eq!(other.expecting(422).code(), "idempotency_key_reused");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_failed_may_be_repeated_with_its_key() {
    use room_contract::memory::Reachable;
    let world = World::new().await;

    world.rooms.set_reachable(Reachable::No);
    world
        .post_with("/room/create", &json!({}), &KEY)
        .await
        .expecting(503);
    world.rooms.set_reachable(Reachable::Yes);

    world
        .post_with("/room/create", &json!({}), &KEY)
        .await
        .expecting(201);
}

#[tokio::test(start_paused = true)]
async fn an_asker_who_hangs_up_finds_the_room_when_asking_again() {
    let world = World::new().await;
    let body = json!({ "roomName": "demo" });

    tokio::select! {
        biased;
        _ = world.post_with("/room/create", &body, &KEY) => panic!("nobody can be that fast"),
        () = std::future::ready(()) => {}
    }
    world.pass(1.0).await;
    assert_eq!(world.status("web-demo").await.as_deref(), Some("created"));

    let again = world
        .post_with("/room/create", &body, &KEY)
        .await
        .expecting(201);
    assert_eq!(again.json()["roomName"], "demo");
}
