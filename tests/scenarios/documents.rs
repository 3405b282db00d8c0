//! The OpenAPI document and the pages.

use axum::body::Body;
use axum::http::Request;
use patchbay::config::Mode;
use serde_json::Value;

use crate::snapshot;
use crate::world::{Choices, World};

#[tokio::test(start_paused = true)]
async fn the_openapi_document_is_the_one_in_git() {
    let world = World::new().await;

    let served = world.get("/openapi.json").await.expecting(200).json();

    let printed = patchbay::http::document().to_json().unwrap();
    assert_eq!(served, serde_json::from_str::<Value>(&printed).unwrap());
    snapshot::matches("openapi", &served);
}

#[tokio::test(start_paused = true)]
async fn every_route_is_on_the_page_and_the_page_loads_nothing_from_elsewhere() {
    let world = World::new().await;
    let document = world.get("/openapi.json").await.json();

    let page = world.get("/docs").await.expecting(200);

    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(page.text.contains(&format!("</b> {path}</h3>")), "{path}");
    }
    for loading in ["<script", "src=", "<link", "@import", "url("] {
        assert!(!page.text.contains(loading), "{loading}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_is_there_in_dev_only_and_loads_nothing_from_elsewhere() {
    let dev = World::with(|_| Choices {
        mode: Mode::Dev,
        ..Choices::default()
    })
    .await;
    let serve = World::new().await;

    let page = dev.get("/").await.expecting(200);

    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
    assert!(policy.contains("connect-src 'self' wss://livekit.example https://livekit.example;"));
    for own in ["/page.js", "/page.css"] {
        dev.get(own).await.expecting(200);
        serve.get(own).await.expecting(200);
    }
    assert_eq!(
        serve.get("/").await.expecting(404).code(),
        "route_not_found"
    );
}

#[tokio::test(start_paused = true)]
async fn the_widget_may_be_loaded_by_any_site_and_only_when_it_changed() {
    let serve = World::new().await;

    let widget = serve.get("/widget.js").await.expecting(200);
    let tag = widget.headers["etag"].clone();
    let request = Request::get("/widget.js").header("if-none-match", tag);
    let again = serve.send(request.body(Body::empty()).unwrap()).await;

    assert_eq!(
        widget.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
    assert_eq!(
        widget.headers["cross-origin-resource-policy"],
        "cross-origin"
    );
    assert_eq!(again.status, 304);
    assert!(again.text.is_empty());
}
