//! What is left of calls: history, figures, and sessions that go on in the next process. A database answers in its own
//! time, so these run on the real clock.

use std::sync::Arc;

use patchbay::config::{Access, ApiKey, Scope};
use patchbay::dial::{CallSid, Number};
use patchbay::store::{Direction, LineNews, NewKey};
use room_contract::{RoomName, Rooms};
use serde_json::{Value, json};

use crate::agents::Attendant;
use crate::place::{Place, on_both};
use crate::world::{Choices, World};

on_both![
    a_call_is_kept_with_what_was_said_and_how_long_answers_took,
    calls_are_listed_in_pages_and_nonsense_is_refused,
    after_a_kill_the_next_process_takes_the_session_over_and_knows_what_was_said,
    a_key_that_is_made_while_the_server_runs_opens_it_until_it_is_revoked,
    who_did_what_to_a_session_is_kept,
    calls_of_a_number_are_listed_shown_counted_and_erased,
];

async fn a_call_is_kept_with_what_was_said_and_how_long_answers_took(place: Place) {
    let world = World::with_agent_at(place).await;
    world.create(&json!({ "roomName": "demo" })).await;
    let ann = world.join("demo", "ann").await;
    world.sees_an_agent("demo").await;
    let live = world.get("/sessions/web-demo").await.json();
    world.delete("/room/demo").await.expecting(204);
    drop(ann);
    world.store.settled().await;

    let id = live["callId"].as_str().unwrap();
    let call = world
        .get(&format!("/api/v1/calls/{id}"))
        .await
        .expecting(200)
        .json();
    let by_session = world
        .get("/api/v1/twilio/calls/web-demo")
        .await
        .expecting(200)
        .json();
    let stats = world.get("/api/v1/stats").await.expecting(200).json();

    assert_eq!(call, by_session);
    assert_eq!(call["status"], "ended");
    assert_eq!(call["reason"], "completed");
    assert_eq!(call["transcript"][0]["type"], "agent");
    assert_eq!(call["transcript"][0]["text"], "We open at nine.");
    assert_eq!(call["events"][0]["report"]["totalMs"], 420);
    assert_eq!(
        call["latency"],
        json!({ "turns": 1, "p50Ms": 420, "p95Ms": 420 })
    );
    assert!(call["answeredAt"].is_string() && call["endedAt"].is_string());
    assert_eq!((&stats["total"], &stats["live"]), (&json!(1), &json!(0)));
    assert_eq!(stats["byReason"], json!({ "completed": 1 }));
}

async fn calls_are_listed_in_pages_and_nonsense_is_refused(place: Place) {
    let world = World::with(|_| Choices {
        place,
        ..Choices::default()
    })
    .await;
    for number in 0..3 {
        world
            .create(&json!({ "roomName": format!("room-{number}") }))
            .await;
    }
    world.store.settled().await;

    let first = world
        .get("/api/v1/calls?limit=2")
        .await
        .expecting(200)
        .json();
    let cursor = first["meta"]["nextCursor"].as_str().unwrap();
    let second = world
        .get(&format!("/api/v1/calls?limit=2&cursor={cursor}"))
        .await
        .json();
    let none = world.get("/api/v1/calls?channel=phone").await.json();
    let later = world
        .get("/api/v1/calls?from=2100-01-01T00:00:00Z")
        .await
        .json();

    assert_eq!(names(&first).len(), 2);
    assert_eq!(names(&second).len(), 1);
    assert!(!names(&first).contains(&names(&second)[0]));
    assert_eq!(second["meta"]["nextCursor"], Value::Null);
    assert_eq!((names(&none).len(), names(&later).len()), (0, 0));
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=7",
        "from=today",
        "chanel=web",
    ] {
        let answer = world
            .get(&format!("/api/v1/calls?{query}"))
            .await
            .expecting(422);
        assert_eq!(answer.code(), "invalid_field", "{query}");
    }
    world.get("/api/v1/calls/call-unknown").await.expecting(404);
}

async fn after_a_kill_the_next_process_takes_the_session_over_and_knows_what_was_said(
    place: Place,
) {
    let world = World::with_agent_at(place).await;
    world
        .create(&json!({ "roomName": "demo", "metadata": "vip" }))
        .await;
    world.create(&json!({ "roomName": "empty" })).await;
    let mut ann = world.join("demo", "ann").await;
    world.sees_an_agent("demo").await;
    let before = world.get("/sessions/web-demo").await.json();

    let (rooms, place) = world.kill().await;
    let empty = RoomName::new("empty").unwrap();
    rooms.delete(&empty).await.unwrap();
    let choices = Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        place,
        ..Choices::default()
    };
    let world = World::among(rooms, choices).await;
    let agent = world.sees_an_agent("demo").await;

    assert_eq!(agent["entrance"], "greeting");
    assert_eq!(agent["so_far"], "2");
    let after = world.get("/sessions/web-demo").await.expecting(200).json();
    for same in ["callId", "createdAt", "roomName", "status", "type"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(world.get("/sessions/web-empty").await.status, 404);
    world.store.settled().await;
    let lost = world.get("/api/v1/calls/web-empty").await.json();
    assert_eq!(
        (&lost["status"], &lost["reason"]),
        (&json!("ended"), &json!("error"))
    );
    ann.room.leave().await;
    while ann.events.next().await.is_some() {}
    world.stop().await;
}

async fn a_key_that_is_made_while_the_server_runs_opens_it_until_it_is_revoked(place: Place) {
    let world = World::with(|_| Choices {
        place,
        access: Access::Keys(vec![ApiKey::new("admin", "a-key-for-all", &[Scope::Admin])]),
        ..Choices::default()
    })
    .await;
    let ask = async |path: &str| {
        let request = axum::http::Request::get(path)
            .header("authorization", "Bearer a-new-key")
            .body(axum::body::Body::empty())
            .unwrap();
        world.send(request).await.status.as_u16()
    };

    let before = ask("/sessions").await;
    let new = NewKey {
        id: "key-1".to_owned(),
        key: ApiKey::new("dashboard", "a-new-key", &[Scope::Read]),
    };
    world.store.keep_key(&new).await.unwrap();
    let made = ask("/sessions").await;
    world.store.revoke_key("key-1").await.unwrap();
    let revoked = ask("/sessions").await;

    assert_eq!((before, made, revoked), (401, 200, 401));
}

async fn who_did_what_to_a_session_is_kept(place: Place) {
    let world = World::with_agent_at(place).await;
    world.create(&json!({ "roomName": "demo" })).await;
    let _ann = world.join("demo", "ann").await;
    world.sees_an_agent("demo").await;
    let call = world.get("/sessions/web-demo").await.json()["callId"].clone();

    world
        .post("/room/demo/say", &json!({ "text": "hello" }))
        .await
        .expecting(202);
    world
        .post("/room/demo/agent", &json!({ "enable": false }))
        .await
        .expecting(200);
    world.store.settled().await;

    let deeds = world.store.deeds(call.as_str().unwrap()).await.unwrap();
    let expected = ["agent.say", "agent.off"].map(|action| ("local".to_owned(), action.to_owned()));
    assert_eq!(deeds, expected);
}

async fn calls_of_a_number_are_listed_shown_counted_and_erased(place: Place) {
    let world = World::with(|_| Choices {
        place,
        ..Choices::default()
    })
    .await;
    let number = |text: &str| Number::parse(text, None).unwrap();
    for (room, from) in [("ada", "+41791234567"), ("bob", "+41797654321")] {
        world.create(&json!({ "roomName": room })).await;
        let news = LineNews::Began {
            direction: Direction::Inbound,
            from: Some(number(from)),
            to: Some(number("+41443334455")),
            call: CallSid::new(format!("CA-{room}")),
        };
        world.store.tell_line(&format!("web-{room}"), news);
    }
    world.store.settled().await;
    let of_ada = "/api/v1/calls?direction=inbound&number=%2B41791234567";

    let listed = world.get(of_ada).await.expecting(200).json();
    let shown = world.get("/api/v1/calls/CA-ada").await.json();
    let stats = world.get("/api/v1/stats").await.json();
    let body = json!({ "number": "+41 79 123 45 67" });
    let erased = world
        .post("/api/v1/erase", &body)
        .await
        .expecting(200)
        .json();
    let after = world.get(of_ada).await.json();

    assert_eq!(names(&listed), ["ada"]);
    assert_eq!(shown["line"]["from"], "+41…67");
    assert_eq!(shown["line"]["callSid"], "CA-ada");
    assert_eq!(stats["byDirection"], json!({ "inbound": 2 }));
    assert_eq!(erased, json!({ "calls": 1 }));
    assert!(names(&after).is_empty());
    for (path, code) in [
        ("/api/v1/calls?number=41791234567", 422),
        ("/api/v1/calls?direction=sideways", 200),
    ] {
        world.get(path).await.expecting(code);
    }
}

fn names(list: &Value) -> Vec<String> {
    let calls = list["calls"].as_array().unwrap();
    calls
        .iter()
        .map(|call| call["roomName"].as_str().unwrap().to_owned())
        .collect()
}
