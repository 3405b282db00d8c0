//! The agent of a room told what to do: on, off, say; people silenced and put out.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt;
use patchbay::config::{AgentKind, AgentProfile, Cast, Profiles, Section};
use room_contract::{Ended, PublishOptions, RoomEvent};
use serde_json::{Value, json};

use crate::agents::Attendant;
use crate::world::{Choices, World};

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_switched_off_leaves_and_comes_back_knowing_what_was_said() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;

    let off = world
        .post("/room/demo/agent", &json!({ "enable": false }))
        .await;
    world.pass(20.0).await;
    let while_off = agent(&world).await;
    let on = world
        .post("/room/demo/agent", &json!({ "enable": true }))
        .await;
    world.pass(1.0).await;

    assert_eq!(off.expecting(200).json(), json!({ "agentPresent": false }));
    assert_eq!(while_off, Value::Null);
    assert_eq!(on.expecting(200).json(), json!({ "agentPresent": true }));
    let back = world.rooms_agent("demo").await;
    assert_eq!(back["entrance"], "silent");
    assert_eq!(back["so_far"], "2");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_listens_while_it_is_off_stays_and_is_told() {
    let world = World::with(|rooms| Choices {
        agent: Some(Arc::new(Attendant::that_listens_while_off(rooms.clone()))),
        ..Choices::default()
    })
    .await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;
    let mut events = world.events("web-demo").await;

    world
        .post("/room/demo/agent", &json!({ "enable": false }))
        .await
        .expecting(200);
    let said = world
        .post("/room/demo/say", &json!({ "text": "hello" }))
        .await;
    let still_there = agent(&world).await;
    world
        .post("/room/demo/agent", &json!({ "enable": true }))
        .await
        .expecting(200);

    assert_eq!(said.expecting(409).code(), "agent_absent");
    assert_eq!(still_there, json!("agent-test"));
    assert_eq!(events.next("tool").await["name"], "off");
    assert_eq!(events.next("tool").await["name"], "on");
}

#[tokio::test(start_paused = true)]
async fn what_the_agent_is_told_to_say_is_said_and_seen_by_who_watches() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;
    let mut events = world.events("web-demo").await;

    world
        .post("/room/demo/say", &json!({ "text": " We close. " }))
        .await
        .expecting(202);
    let transcript = events.next("transcript").await;
    world.delete("/room/demo").await.expecting(204);
    let end = events.next_state("ended").await;

    assert_eq!(transcript["text"], "We close.");
    assert_eq!(transcript["identity"], "agent-test");
    assert!(transcript["at"].is_string());
    assert_eq!(end["reason"], "completed");
    assert!(events.is_over().await);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_hangs_up_ends_the_session() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let mut ann = world.join("demo", "ann").await;
    world.pass(1.0).await;

    world
        .post("/room/demo/say", &json!({ "text": "goodbye" }))
        .await
        .expecting(202);
    world.pass(1.0).await;

    assert_eq!(world.status("web-demo").await, None);
    let ended = loop {
        if let Some(RoomEvent::Ended(why)) = ann.events.next().await {
            break why;
        }
    };
    assert_eq!(ended, Ended::RoomDeleted);
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_is_too_slow_is_told_how_much_was_lost() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;
    let mut events = world.events("web-demo").await;
    events.next("state").await;

    for number in 0..300 {
        let text = json!({ "text": format!("number {number}") });
        world.post("/room/demo/say", &text).await.expecting(202);
    }

    assert_eq!(events.next("lost").await["count"], 44);
    assert_eq!(events.next("transcript").await["text"], "number 44");
}

#[tokio::test(start_paused = true)]
async fn nothing_can_be_said_where_there_is_no_agent_and_no_nonsense_anywhere() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "demo" })).await;

    for (path, body, status, code) in [
        (
            "/room/demo/say",
            json!({ "text": "hello" }),
            409,
            "agent_absent",
        ),
        (
            "/room/demo/say",
            json!({ "text": "  " }),
            422,
            "invalid_field",
        ),
        (
            "/room/demo/say",
            json!({ "text": "x".repeat(2_001) }),
            422,
            "invalid_field",
        ),
        (
            "/room/nowhere/say",
            json!({ "text": "hello" }),
            404,
            "room_not_found",
        ),
        (
            "/room/demo/agent",
            json!({ "enable": true }),
            422,
            "invalid_field",
        ),
        ("/room/demo/agent", json!({}), 422, "invalid_field"),
        (
            "/room/nowhere/agent",
            json!({ "enable": false }),
            404,
            "room_not_found",
        ),
        (
            "/room/demo/mute",
            json!({ "identity": "bob" }),
            404,
            "participant_not_found",
        ),
        (
            "/room/demo/remove",
            json!({ "identity": "bob" }),
            404,
            "participant_not_found",
        ),
    ] {
        let answer = world.post(path, &body).await.expecting(status);
        assert_eq!(answer.code(), code, "{path} {body}");
    }
    let watched = world
        .get("/sessions/web-nowhere/events")
        .await
        .expecting(404);
    assert_eq!(watched.code(), "session_not_found");
}

#[tokio::test(start_paused = true)]
async fn a_participant_is_silenced_and_put_out() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    let mut bob = world.join("demo", "bob").await;
    let _voice = bob
        .room
        .publish(PublishOptions::voice("voice"))
        .await
        .unwrap();
    world.pass(1.0).await;

    let muted = world
        .post("/room/demo/mute", &json!({ "identity": "bob" }))
        .await;
    let removed = world
        .post("/room/demo/remove", &json!({ "identity": "bob" }))
        .await;

    let expected = json!({ "identity": "bob", "muted": true, "tracks": 1 });
    assert_eq!(muted.expecting(200).json(), expected);
    removed.expecting(204);
    let ended = loop {
        if let Some(RoomEvent::Ended(why)) = bob.events.next().await {
            break why;
        }
    };
    assert_eq!(ended, Ended::Removed);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_put_out_stays_out() {
    let world = World::with_agent().await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.pass(1.0).await;

    let who = json!({ "identity": "agent-test" });
    world.post("/room/demo/remove", &who).await.expecting(204);
    world.pass(60.0).await;

    assert_eq!(agent(&world).await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_room_gets_the_profile_it_asks_for_if_there_is_one() {
    let world = World::with(|rooms| Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        profiles: profiles(),
        ..Choices::default()
    })
    .await;

    let body = json!({ "roomName": "late", "profile": "night" });
    world.create(&body).await;
    world.create(&json!({ "roomName": "early" })).await;
    let body = json!({ "roomName": "never", "profile": "noon" });
    let unknown = world.post("/room/create", &body).await.expecting(422);

    let profile = async |room: &str| {
        let room = world.get(&format!("/room/{room}")).await.json();
        room["agent"]["profile"].clone()
    };
    assert_eq!(profile("late").await, "night");
    assert_eq!(profile("early").await, "day");
    assert!(
        unknown.text.contains("there are: day, night"),
        "{}",
        unknown.text
    );
}

fn profiles() -> Profiles {
    let profile = AgentProfile {
        talk: Arc::default(),
        cast: Cast {
            agent: AgentKind::Echo,
            ..Cast::default()
        },
        receptionist: Section::default(),
        knowledge: Vec::new(),
    };
    Profiles {
        all: ["day", "night"]
            .map(|name| (name.to_owned(), profile.clone()))
            .into(),
        default: Some("day".to_owned()),
    }
}

/// Returns the identity of the agent in the room.
async fn agent(world: &World) -> Value {
    let room = world.get("/room/demo").await.json();
    let people = room["participants"].as_array().unwrap().clone();
    people
        .iter()
        .find(|one| one["kind"] == "agent")
        .map_or(Value::Null, |one| one["identity"].clone())
}

/// Server-sent events as they come.
pub(crate) struct Events {
    body: axum::body::BodyDataStream,
    text: String,
}

impl World {
    pub(crate) async fn events(&self, session: &str) -> Events {
        let request = Request::get(format!("/sessions/{session}/events"))
            .body(Body::empty())
            .unwrap();
        let response = self.open(request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    async fn rooms_agent(&self, room: &str) -> room_contract::Attributes {
        use room_contract::{ParticipantKind, RoomName, Rooms};
        let room = RoomName::new(room).unwrap();
        let people = self.rooms.participants(&room).await.unwrap();
        let agent = people
            .into_iter()
            .find(|one| one.kind == ParticipantKind::Agent);
        agent.unwrap().attributes
    }
}

impl Events {
    /// Returns the next event of that name.
    pub(crate) async fn next(&mut self, name: &str) -> Value {
        loop {
            let (found, data) = self.next_any().await.expect("the stream goes on");
            if found == name {
                return data;
            }
        }
    }

    async fn next_state(&mut self, status: &str) -> Value {
        loop {
            let state = self.next("state").await;
            if state["status"] == status {
                return state;
            }
        }
    }

    async fn is_over(&mut self) -> bool {
        self.next_any().await.is_none()
    }

    async fn next_any(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::to_owned)
                };
                let Some(name) = field("event: ") else {
                    continue;
                };
                let data = serde_json::from_str(&field("data: ").unwrap()).unwrap();
                return Some((name, data));
            }
            let more = self.body.next().await?.unwrap();
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }
}
