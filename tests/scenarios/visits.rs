//! Visits from websites: who is let in, and how often.

use axum::body::Body;
use axum::http::Request;
use connectors_twilio_twin::Persona;
use patchbay::config::{Access, ApiKey, KeyKind, Mode, Scope, Web};
use serde_json::{Value, json};

use crate::running::soon;
use crate::telephone::Telephone;
use crate::world::{Answer, Choices, World};

const SHOP: &str = "https://www.shop.example";
/// Somebody in Berlin whom nobody has.
const THOMAS: &str = "+4930901820";

const KEY: &str = "pbp_of-the-shop";

#[tokio::test(start_paused = true)]
async fn a_visitor_of_the_keys_own_site_gets_a_room_of_their_own() {
    let world = world(Web::default_of(Mode::Serve)).await;

    let first = visit(&world, Some(KEY), Some(SHOP)).await.expecting(201);
    let second = visit(&world, Some(KEY), Some(SHOP)).await.expecting(201);

    assert_eq!(first.headers["access-control-allow-origin"], "*");
    let (first, second) = (first.json(), second.json());
    assert_ne!(first["roomName"], second["roomName"]);
    let joined = world.enter(first["token"].as_str().unwrap()).await;
    assert_eq!(
        joined.room.name().as_str(),
        first["roomName"].as_str().unwrap()
    );
}

#[tokio::test(start_paused = true)]
async fn other_sites_other_keys_and_secret_keys_are_refused() {
    let world = world(Web::default_of(Mode::Serve)).await;

    for (key, origin, status, code) in [
        (
            Some(KEY),
            Some("https://elsewhere.example"),
            403,
            "origin_not_allowed",
        ),
        (Some(KEY), None, 403, "origin_not_allowed"),
        (Some("pbp_guessed"), Some(SHOP), 401, "unauthorized"),
        (None, Some(SHOP), 401, "unauthorized"),
        (None, Some("https://voice.example"), 401, "unauthorized"),
        (Some("a-secret-key"), Some(SHOP), 403, "key_not_publishable"),
    ] {
        let refused = visit(&world, key, origin).await.expecting(status);

        assert_eq!(refused.code(), code, "{key:?} {origin:?}");
        assert_eq!(refused.headers["access-control-allow-origin"], "*");
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_of_the_server_itself_needs_no_key_where_it_is_switched_on() {
    let page = Web {
        page: true,
        ..Web::default_of(Mode::Serve)
    };
    let world = world(page).await;

    world.get("/").await.expecting(200);
    visit(&world, None, Some("https://voice.example"))
        .await
        .expecting(201);
    visit(&world, None, Some(SHOP)).await.expecting(401);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_comes_too_often_is_told_when_to_come_back() {
    let world = world(Web {
        visits_per_minute: 3,
        ..Web::default_of(Mode::Serve)
    })
    .await;

    let mut let_in = 0;
    for _ in 0..20 {
        let answer = visit(&world, Some(KEY), Some(SHOP)).await;
        let_in += usize::from(answer.status == 201);
    }
    let refused = visit(&world, Some(KEY), Some(SHOP)).await.expecting(429);

    assert_eq!(let_in, 3);
    assert_eq!(refused.code(), "too_many_requests");
    let wait = refused.headers["retry-after"].to_str().unwrap();
    assert!((1..=21).contains(&wait.parse::<u32>().unwrap()), "{wait}");
}

#[tokio::test(start_paused = true)]
async fn a_browser_may_ask_first_from_anywhere() {
    let world = world(Web::default_of(Mode::Serve)).await;

    let request = Request::options("/visit").header("origin", SHOP);
    let allowed = world.send(request.body(Body::empty()).unwrap()).await;

    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.headers["access-control-allow-origin"], "*");
    assert_eq!(
        allowed.headers["access-control-allow-headers"],
        "authorization, content-type, idempotency-key"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_has_somebody_called_into_their_own_room_and_into_no_other() {
    let phone = Telephone::with_agent().await;
    phone.twin.phone(THOMAS, Persona::NoAnswer);
    let visit = local(&phone, "/visit", &json!({})).await.expecting(201);
    let (visit, other) = (
        visit.json(),
        local(&phone, "/visit", &json!({})).await.json(),
    );
    let body = |room: &Value, proof: &Value, to: &str| json!({ "roomName": room, "proof": proof, "to": to });

    let dial = body(&visit["roomName"], &visit["proof"], THOMAS);
    let dialled = local(&phone, "/visit/dial", &dial).await.expecting(201);
    let call = soon(phone.twin.next_call()).await.unwrap();
    let elsewhere = body(&other["roomName"], &visit["proof"], THOMAS);
    let elsewhere = local(&phone, "/visit/dial", &elsewhere).await;
    let abroad = body(&visit["roomName"], &visit["proof"], "+33199001234");
    let abroad = local(&phone, "/visit/dial", &abroad).await;
    let too_often = local(&phone, "/visit/dial", &dial).await;

    assert_eq!(visit["offers"], json!({ "human": false, "phone": true }));
    assert_eq!(dialled.json()["callSid"], call.sid());
    assert_eq!(elsewhere.expecting(403).code(), "not_own_visit");
    assert_eq!(abroad.expecting(403).code(), "country_not_allowed");
    assert_eq!(too_often.expecting(429).code(), "too_many_requests");
}

#[tokio::test(start_paused = true)]
async fn a_server_without_a_telephone_offers_none() {
    let world = world(Web::default_of(Mode::Serve)).await;

    let visit = visit(&world, Some(KEY), Some(SHOP)).await.expecting(201);

    assert_eq!(
        visit.json()["offers"],
        json!({ "human": false, "phone": false })
    );
}

async fn local(phone: &Telephone, path: &str, body: &Value) -> Answer {
    let origin = [("origin", "http://localhost:8080")];
    phone.world.post_with(path, body, &origin).await
}

async fn world(web: Web) -> World {
    World::with(|_| Choices {
        access: Access::Keys(vec![
            ApiKey::new("server", "a-secret-key", &[Scope::Admin]),
            ApiKey {
                kind: KeyKind::Publishable {
                    origins: vec![SHOP.to_owned()],
                },
                ..ApiKey::new("shop", KEY, &[])
            },
        ]),
        web: Some(web),
        ..Choices::default()
    })
    .await
}

async fn visit(world: &World, key: Option<&str>, origin: Option<&str>) -> Answer {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let mut headers = Vec::new();
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    headers.extend(origin.map(|origin| ("origin", origin)));
    world.post_with("/visit", &json!({}), &headers).await
}
