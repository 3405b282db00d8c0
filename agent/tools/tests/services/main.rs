//! Declared tools against a service on loopback.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod service;

use std::sync::Arc;

use agent_contract::{CallId, Language, ToolCall, ToolContext, ToolOutcome, Toolbox};
use agent_tools::{HttpToolError, HttpToolSettings, HttpTools, Method};
use secrecy::SecretString;
use serde_json::{Value, json};

use service::Service;

const SECRET: &str = "s3cret-of-the-crm";

fn settings(method: Method, url: String) -> HttpToolSettings {
    let parameters = json!({
        "properties": { "id": { "type": "string" }, "note": { "type": "string" } },
        "required": ["id"],
    });
    HttpToolSettings {
        description: "Asks the customer desk.".to_owned(),
        method,
        url,
        parameters: parameters.as_object().unwrap().clone(),
        headers: [("Authorization".to_owned(), "Bearer ${CRM}".into())].into(),
        allow_private: true,
        deadline_ms: 5_000,
        ..HttpToolSettings::default()
    }
}

fn secrets(name: &str) -> Option<SecretString> {
    (name == "CRM").then(|| SecretString::from(SECRET))
}

fn refusal(settings: &HttpToolSettings) -> HttpToolError {
    let tools = HttpTools::new().unwrap();
    tools
        .tool("crm", settings, &secrets)
        .map(|_| ())
        .unwrap_err()
}

async fn call(settings: &HttpToolSettings, arguments: Value, id: &str) -> ToolOutcome {
    let tool = HttpTools::new()
        .unwrap()
        .tool("crm", settings, &secrets)
        .unwrap();
    let toolbox = Toolbox::new(vec![Arc::new(tool)]).unwrap();
    let call = ToolCall {
        id: CallId(id.to_owned()),
        name: "crm".to_owned(),
        arguments: arguments.to_string(),
    };
    let context = ToolContext {
        call: call.id.clone(),
        session: "web-story".into(),
        language: Language::english(),
        speaker: None,
        turn: 0,
    };
    toolbox.call(&call, context).await
}

/// All that a log would show of a failure.
fn chain(outcome: &ToolOutcome) -> String {
    let mut shown = format!("{outcome:?}");
    let mut cause = outcome
        .failure
        .as_ref()
        .map(|error| error as &dyn std::error::Error);
    while let Some(error) = cause {
        shown.push_str(&format!(" / {error} / {error:?}"));
        cause = error.source();
    }
    shown
}

#[tokio::test]
async fn a_look_up_sends_its_arguments_in_path_and_query() {
    let service = Service::answers("200 OK", "application/json", r#"{"name":"Ada"}"#).await;
    let settings = settings(Method::Get, service.url("/customers/{id}?v=1"));

    let outcome = call(&settings, json!({ "id": "a/7", "note": "x y" }), "1").await;

    assert_eq!(
        (outcome.text.as_str(), outcome.failure.is_none()),
        (r#"{"name":"Ada"}"#, true)
    );
    let asked = service.asked().await;
    assert!(
        asked.starts_with("GET /customers/a%2F7?v=1&note=x+y HTTP/1.1\r\n"),
        "{asked}"
    );
    assert!(asked.contains(&format!("authorization: Bearer {SECRET}\r\n")));
    assert!(!asked.contains("idempotency-key"));
}

#[tokio::test]
async fn a_deed_sends_the_rest_as_json_with_a_key_of_its_own() {
    let mut keys = Vec::new();
    for (id, note) in [
        ("call-1", "hello"),
        ("call-1", "hello"),
        ("call-2", "hello"),
        ("call-1", "bye"),
    ] {
        let service = Service::answers("201 Created", "application/json", "{}").await;
        let settings = settings(Method::Post, service.url("/customers/{id}/notes"));

        let outcome = call(&settings, json!({ "id": "7", "note": note }), id).await;

        assert_eq!(outcome.text, "{}");
        let asked = service.asked().await;
        assert!(
            asked.starts_with("POST /customers/7/notes HTTP/1.1\r\n"),
            "{asked}"
        );
        assert!(asked.contains("content-type: application/json\r\n"));
        assert!(
            asked.ends_with(&format!("\r\n\r\n{{\"note\":\"{note}\"}}")),
            "{asked}"
        );
        let key = asked.split("idempotency-key: ").nth(1).unwrap();
        keys.push(key.lines().next().unwrap().to_owned());
    }

    assert_eq!(keys[0], keys[1], "the same call again has the same key");
    assert!(
        keys[2] != keys[0] && keys[3] != keys[0],
        "another call has another: {keys:?}"
    );
}

#[tokio::test]
async fn a_thinker_is_told_what_the_service_says_of_its_arguments() {
    let service = Service::answers("404 Not Found", "text/plain", "no customer 7").await;
    let settings = settings(Method::Get, service.url("/customers/{id}"));

    let outcome = call(&settings, json!({ "id": "7" }), "1").await;

    assert_eq!(outcome.failure.unwrap().kind(), "arguments");
    assert!(
        outcome.text.contains("404 Not Found: no customer 7"),
        "{}",
        outcome.text
    );
}

#[tokio::test]
async fn other_failures_are_failures_and_show_neither_secrets_nor_arguments() {
    let failures = [
        ("500 Internal Server Error", "text/plain"),
        ("401 Unauthorized", "text/plain"),
        (
            "302 Found\r\nlocation: http://127.0.0.1:1/elsewhere",
            "text/plain",
        ),
        ("200 OK", "image/png"),
    ];
    for (status, kind) in failures {
        let service = Service::answers(status, kind, SECRET).await;
        let settings = settings(Method::Get, service.url("/customers/{id}"));

        let outcome = call(&settings, json!({ "id": "mary-smith" }), "1").await;

        let shown = chain(&outcome);
        assert_eq!(outcome.failure.unwrap().kind(), "failed", "{status}");
        assert!(
            !shown.contains(SECRET) && !shown.contains("mary-smith"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn secrets_are_taken_out_of_what_a_service_repeats() {
    for status in ["200 OK", "422 Unprocessable Content"] {
        let body = format!("you sent Bearer {SECRET}");
        let service = Service::answers(status, "text/plain", &body).await;
        let settings = settings(Method::Get, service.url("/echo/{id}"));

        let outcome = call(&settings, json!({ "id": "7" }), "1").await;

        assert!(
            outcome.text.contains("you sent Bearer [secret]"),
            "{}",
            outcome.text
        );
        assert!(!chain(&outcome).contains(SECRET));
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_and_not_waited_for() {
    let service = Service::never_ends("text/plain", &"blah ".repeat(1_000)).await;
    let settings = HttpToolSettings {
        result_chars: 300,
        ..settings(Method::Get, service.url("/{id}"))
    };

    let outcome = call(&settings, json!({ "id": "7" }), "1").await;

    assert!(outcome.failure.is_none());
    assert!(outcome.text.chars().count() < 350 && outcome.text.starts_with("blah blah"));
}

#[tokio::test]
async fn a_service_that_says_nothing_is_late() {
    let service = Service::is_silent().await;
    let settings = HttpToolSettings {
        deadline_ms: 200,
        ..settings(Method::Post, service.url("/{id}"))
    };

    let outcome = call(&settings, json!({ "id": "mary-smith" }), "1").await;

    assert!(!chain(&outcome).contains("mary-smith"));
    assert_eq!(outcome.failure.unwrap().kind(), "late");
}

#[tokio::test]
async fn nobody_there_is_a_failure_that_shows_no_address() {
    let settings = settings(Method::Get, "http://127.0.0.1:1/customers/{id}".to_owned());

    let outcome = call(&settings, json!({ "id": "mary-smith" }), "1").await;

    let shown = chain(&outcome);
    assert!(
        !shown.contains("mary-smith") && !shown.contains(SECRET),
        "{shown}"
    );
    assert_eq!(outcome.failure.unwrap().kind(), "failed");
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused() {
    let service = Service::answers("200 OK", "text/plain", "the inside").await;
    let url = service.url("/{id}").replace("127.0.0.1", "localhost");
    let public = HttpToolSettings {
        allow_private: false,
        ..settings(Method::Get, url.clone())
    };

    let refused = call(&public, json!({ "id": "7" }), "1").await;
    let allowed = call(&settings(Method::Get, url), json!({ "id": "7" }), "1").await;

    assert_eq!(refused.failure.unwrap().kind(), "refused");
    assert!(refused.text.contains("private network"), "{}", refused.text);
    assert_eq!(allowed.text, "the inside");
}

#[test]
fn what_is_declared_wrongly_says_what_to_correct() {
    let good = || settings(Method::Get, "https://crm.example/{id}".to_owned());
    let header = |name: &str, text: &str| HttpToolSettings {
        headers: [(name.to_owned(), text.into())].into(),
        ..good()
    };
    let list = json!({ "type": "array" });
    let wrong = [
        (
            HttpToolSettings {
                description: " ".to_owned(),
                ..good()
            },
            "`description` is empty",
        ),
        (
            HttpToolSettings {
                url: "https://crm.example/{customer}".to_owned(),
                ..good()
            },
            "`customer`",
        ),
        (
            HttpToolSettings {
                url: "http://10.0.0.1/{id}".to_owned(),
                allow_private: false,
                ..good()
            },
            "allow_private",
        ),
        (
            HttpToolSettings {
                parameters: list.as_object().unwrap().clone(),
                ..good()
            },
            "JSON Schema",
        ),
        (
            HttpToolSettings {
                deadline_ms: 0,
                ..good()
            },
            "`deadline_ms`",
        ),
        (
            HttpToolSettings {
                result_chars: 0,
                ..good()
            },
            "`result_chars`",
        ),
        (header("not a header", "x"), "no name of a header"),
        (header("Host", "x"), "take it out"),
        (header("X-Key", "a\nb"), "no header may have"),
        (
            header("X-Key", "${MISSING}"),
            "set MISSING in the environment",
        ),
    ];
    for (settings, part) in wrong {
        let shown = refusal(&settings).to_string();

        assert!(shown.contains(part), "`{part}` in `{shown}`");
    }
}
