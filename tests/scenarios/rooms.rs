//! Rooms: create, join, look, end.

use room_contract::{Identity, ParticipantKind, PublishOptions, Rooms};
use serde_json::json;

use crate::snapshot;
use crate::world::World;

#[tokio::test(start_paused = true)]
async fn a_room_is_created_with_a_way_in_for_its_host() {
    let world = World::new().await;

    let created = world
        .create(&json!({
            "roomName": "demo",
            "hostIdentity": "ann",
            "hostName": "Ann",
            "metadata": { "topic": "tea" },
        }))
        .await;

    snapshot::matches(
        "room_create",
        &snapshot::redacted(created.json(), &["/token"]),
    );
    let host = world.enter(created.json()["token"].as_str().unwrap()).await;
    assert_eq!(host.room.identity().as_str(), "ann");
    let room = world
        .rooms
        .find(&"demo".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(room.metadata, r#"{"topic":"tea"}"#);
}

#[tokio::test(start_paused = true)]
async fn without_a_body_everything_is_chosen_by_the_server() {
    let world = World::new().await;

    let first = world
        .post("/room/create", &json!({}))
        .await
        .expecting(201)
        .json();
    let second = world
        .post("/room/create", &json!({}))
        .await
        .expecting(201)
        .json();

    let name = first["roomName"].as_str().unwrap();
    assert!(name.starts_with("web-") && name.len() == 16, "{name}");
    assert_eq!(first["sessionId"], format!("web-{name}"));
    assert_ne!(first["roomName"], second["roomName"]);
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_let_in_and_everybody_is_seen_with_channel_and_state() {
    let world = World::with_agent().await;
    let created = world
        .create(&json!({ "roomName": "demo", "hostIdentity": "ann" }))
        .await;
    let host = world.enter(created.json()["token"].as_str().unwrap()).await;
    host.room
        .publish(PublishOptions::voice("microphone"))
        .await
        .unwrap();

    let body =
        json!({ "roomName": "demo", "participantIdentity": "bob", "participantName": "Bob" });
    let joined = world.post("/room/join", &body).await.expecting(200);
    let _guest = world.enter(joined.json()["token"].as_str().unwrap()).await;
    let seen = world.get("/room/demo").await.expecting(200);

    snapshot::matches("room_join", &snapshot::redacted(joined.json(), &["/token"]));
    snapshot::matches(
        "room_show",
        &snapshot::redacted(seen.json(), &["/createdAt"]),
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_cannot_change_what_others_rely_on() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let guest = world.join("demo", "ann").await;

    let forged = [("channel".to_owned(), "phone".to_owned())].into();

    assert!(guest.room.set_attributes(forged).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_room_is_gone_with_everybody_in_it() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _guest = world.join("demo", "ann").await;

    let deleted = world.delete("/room/demo").await.expecting(204);

    assert_eq!(deleted.text, "");
    assert_eq!(
        world.rooms.find(&"demo".parse().unwrap()).await.unwrap(),
        None
    );
    assert_eq!(
        world.get("/room/demo").await.expecting(404).code(),
        "room_not_found"
    );
    assert_eq!(
        world.delete("/room/demo").await.expecting(404).code(),
        "room_not_found"
    );
    assert_eq!(world.get("/sessions").await.json()["total"], 0);
    world.create(&json!({ "roomName": "demo" })).await;
}

#[tokio::test(start_paused = true)]
async fn a_name_in_use_is_refused() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "demo" })).await;

    let again = world
        .post("/room/create", &json!({ "roomName": "demo" }))
        .await;

    assert_eq!(again.expecting(409).code(), "room_taken");
}

#[tokio::test(start_paused = true)]
async fn names_with_slashes_and_umlauts_work_in_paths() {
    let world = World::new().await;
    let created = world
        .create(&json!({ "roomName": "büro/1 a" }))
        .await
        .json();

    let url = created["roomUrl"].as_str().unwrap();
    let path = url.strip_prefix("https://voice.example").unwrap();

    assert_eq!(
        world.get(path).await.expecting(200).json()["roomName"],
        "büro/1 a"
    );
    world.delete(path).await.expecting(204);
}

#[tokio::test(start_paused = true)]
async fn an_agent_takes_part_unless_it_is_unwanted() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "with" })).await;
    world
        .create(&json!({ "roomName": "without", "agent": false }))
        .await;
    let _ann = world.join("with", "ann").await;
    let _bob = world.join("without", "bob").await;
    world.pass(1.0).await;

    let with = world.get("/room/with").await.json();
    let without = world.get("/room/without").await.json();

    assert_eq!(
        with["agent"],
        json!({ "present": true, "profile": null, "state": "listening" })
    );
    let nobody = json!({ "present": false, "profile": null, "state": null });
    assert_eq!(without["agent"], nobody);
    assert_eq!(without["participants"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_agent_none_can_be_asked_for() {
    let world = World::new().await;

    let refused = world
        .post("/room/create", &json!({ "agent": true }))
        .await
        .expecting(422);

    assert_eq!(refused.json()["error"]["details"]["field"], "agent");
    assert_eq!(world.get("/sessions").await.json()["total"], 0);
}

#[tokio::test(start_paused = true)]
async fn livekit_that_is_down_costs_the_room_and_nothing_else() {
    use room_contract::memory::Reachable;
    let world = World::new().await;
    world.create(&json!({ "roomName": "before" })).await;
    let _ann = world.join("before", "ann").await;
    world.pass(1.0).await;

    world.rooms.set_reachable(Reachable::No);
    let refused = world
        .post("/room/create", &json!({ "roomName": "during" }))
        .await;
    let unseen = world.get("/room/before").await;
    world.pass(120.0).await;
    world.rooms.set_reachable(Reachable::Yes);
    world.pass(10.0).await;

    let refused = refused.expecting(503);
    assert_eq!(refused.code(), "livekit_unavailable");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(unseen.expecting(503).code(), "livekit_unavailable");
    assert_eq!(world.status("web-before").await.as_deref(), Some("active"));
    world.create(&json!({ "roomName": "during" })).await;
}

#[tokio::test(start_paused = true)]
async fn a_room_that_could_not_be_closed_is_closed_once_livekit_answers_again() {
    use room_contract::memory::Reachable;
    let world = World::new().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;

    world.rooms.set_reachable(Reachable::No);
    let deleted = world.delete("/room/demo").await;
    world.pass(60.0).await;
    world.rooms.set_reachable(Reachable::Yes);
    world.pass(5.0).await;

    assert_eq!(deleted.expecting(503).code(), "livekit_unavailable");
    let room = world.rooms.find(&"demo".parse().unwrap()).await.unwrap();
    assert_eq!(room, None);
}

#[tokio::test(start_paused = true)]
async fn an_agent_joins_as_an_agent_and_not_as_a_caller() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;

    let people = world
        .rooms
        .participants(&"demo".parse().unwrap())
        .await
        .unwrap();

    let agent = people
        .iter()
        .find(|one| one.kind == ParticipantKind::Agent)
        .unwrap();
    assert_ne!(agent.identity, Identity::new("ann").unwrap());
}
