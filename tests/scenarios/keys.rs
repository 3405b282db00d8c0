//! API keys and their scopes.

use axum::body::Body;
use axum::http::Request;
use patchbay::config::{Access, ApiKey, Scope};

use crate::world::{Answer, Choices, World};

#[tokio::test]
async fn without_a_key_nothing_of_the_api_can_be_had() {
    let world = world().await;

    for (method, path) in ROUTES {
        let answer = ask(&world, method, path, None).await.expecting(401);
        assert_eq!(answer.code(), "unauthorized", "{method} {path}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        ask(&world, method, path, Some("guessed"))
            .await
            .expecting(401);
    }
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say() {
    let world = world().await;

    let looking = ask(&world, "GET", "/sessions", Some("a-key-for-looking")).await;
    let creating = ask(&world, "POST", "/room/create", Some("a-key-for-looking")).await;
    let by_admin = ask(&world, "POST", "/room/create", Some("a-key-for-all")).await;

    looking.expecting(200);
    let creating = creating.expecting(403);
    assert_eq!(creating.code(), "forbidden");
    assert_eq!(creating.json()["error"]["details"]["scope"], "rooms");
    by_admin.expecting(201);
}

#[tokio::test]
async fn health_and_documents_need_no_key() {
    let world = world().await;

    for path in ["/healthz", "/readyz", "/openapi.json", "/docs"] {
        ask(&world, "GET", path, None).await.expecting(200);
    }
}

#[tokio::test]
async fn without_keys_only_addresses_of_this_machine_are_answered() {
    let world = World::new().await;
    let ask = |name: &str, value: &str| {
        world.send(
            Request::get("/sessions")
                .header(name, value)
                .body(Body::empty())
                .unwrap(),
        )
    };

    ask("host", "localhost:8080").await.expecting(200);
    ask("host", "rebound.example").await.expecting(401);
    ask("origin", "https://elsewhere.example")
        .await
        .expecting(401);
}

const ROUTES: [(&str, &str); 14] = [
    ("POST", "/room/create"),
    ("POST", "/room/join"),
    ("GET", "/room/demo"),
    ("DELETE", "/room/demo"),
    ("GET", "/sessions"),
    ("GET", "/sessions/web-demo"),
    ("GET", "/metrics"),
    ("POST", "/room/demo/agent"),
    ("POST", "/room/demo/say"),
    ("POST", "/room/demo/mute"),
    ("POST", "/room/demo/remove"),
    ("GET", "/sessions/web-demo/events"),
    ("GET", "/api/v1/calls"),
    ("GET", "/api/v1/stats"),
];

async fn world() -> World {
    World::with(|_| Choices {
        access: Access::Keys(vec![
            ApiKey::new("dashboard", "a-key-for-looking", &[Scope::Read]),
            ApiKey::new("admin", "a-key-for-all", &[Scope::Admin]),
        ]),
        ..Choices::default()
    })
    .await
}

async fn ask(world: &World, method: &str, path: &str, key: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(key) = key {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    world.send(request.body(Body::empty()).unwrap()).await
}
