//! `/docs`: the OpenAPI document as one readable page that loads nothing from elsewhere.

use std::fmt::Write;

use axum::Router;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use super::App;

const HEAD: &str = include_str!("docs/head.html");

/// Nothing but the page's own style sheet.
const OWN_STYLE_ONLY: &str = "default-src 'none'; style-src 'unsafe-inline'";

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The route of the page, made once.
pub(super) fn routes(document: &OpenApi) -> Router<App> {
    let document = serde_json::to_value(document).expect("an OpenAPI document is JSON");
    let page = render(&document);
    Router::new().route("/docs", get(move || async move { show(&page) }))
}

fn show(page: &str) -> impl IntoResponse + use<> {
    (
        [(CONTENT_SECURITY_POLICY, OWN_STYLE_ONLY)],
        Html(page.to_owned()),
    )
}

fn render(document: &Value) -> String {
    let mut page = String::from(HEAD);
    let info = &document["info"];
    push(&mut page, "h1", text(&info["title"]));
    push(&mut page, "p", text(&info["description"]));
    page.push_str("<p>For programs: <a href=\"/openapi.json\">/openapi.json</a></p>");
    for tag in items(&document["tags"]) {
        push(&mut page, "h2", text(&tag["description"]));
        for (path, method, operation) in operations(document, text(&tag["name"])) {
            render_operation(&mut page, document, (path, method), operation);
        }
    }
    page.push_str("</main></body></html>\n");
    page
}

fn operations<'a>(document: &'a Value, tag: &str) -> Vec<(&'a str, &'static str, &'a Value)> {
    let mut found = Vec::new();
    for (path, methods) in entries(&document["paths"]) {
        for method in METHODS {
            let operation = &methods[method];
            if items(&operation["tags"]).any(|one| text(one) == tag) {
                found.push((path, method, operation));
            }
        }
    }
    found
}

fn render_operation(
    page: &mut String,
    document: &Value,
    (path, method): (&str, &str),
    operation: &Value,
) {
    page.push_str("<section>");
    let title = format!("<b>{}</b> {}", method.to_uppercase(), escape(path));
    // Writing to a string does not fail.
    let _ = write!(page, "<h3>{title}</h3>");
    let summary = text(&operation["summary"]);
    push(
        page,
        "p",
        if summary.is_empty() {
            text(&operation["description"])
        } else {
            summary
        },
    );
    if let Some(scope) = items(&operation["security"])
        .flat_map(|requirement| items(&requirement["key"]))
        .map(text)
        .next()
    {
        push(
            page,
            "p",
            &format!("Needs a key with the scope “{scope}” (or “admin”)."),
        );
    }
    for parameter in items(&operation["parameters"]) {
        let line = format!(
            "{}: {}",
            text(&parameter["name"]),
            text(&parameter["description"])
        );
        push(page, "p", &line);
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    render_fields(page, "Body", document, body);
    render_answers(page, document, &operation["responses"]);
    page.push_str("</section>");
}

fn render_answers(page: &mut String, document: &Value, responses: &Value) {
    page.push_str("<table><caption>Answers</caption>");
    for (status, response) in entries(responses) {
        row(page, &[status, text(&response["description"])]);
    }
    page.push_str("</table>");
    for (status, response) in entries(responses).filter(|(status, _)| status.starts_with('2')) {
        let schema = &response["content"]["application/json"]["schema"];
        render_fields(page, &format!("Body of {status}"), document, schema);
    }
}

fn render_fields(page: &mut String, caption: &str, document: &Value, schema: &Value) {
    let schema = resolve(document, schema);
    let mut fields = entries(&schema["properties"]).peekable();
    if fields.peek().is_none() {
        return;
    }
    let _ = write!(page, "<table><caption>{}</caption>", escape(caption));
    for (name, field) in fields {
        let required = items(&schema["required"]).any(|one| text(one) == name);
        let kind = kind_of(document, field);
        let kind = if required {
            kind
        } else {
            format!("{kind}, optional")
        };
        row(page, &[name, &kind, text(&field["description"])]);
    }
    page.push_str("</table>");
}

fn kind_of(document: &Value, field: &Value) -> String {
    if let Some(choice) = items(&field["oneOf"]).find(|one| one["type"] != "null") {
        return kind_of(document, choice);
    }
    let schema = resolve(document, field);
    let values: Vec<_> = items(&schema["enum"]).map(text).collect();
    if !values.is_empty() {
        return values.join(" | ");
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .map(text)
            .find(|kind| *kind != "null")
            .unwrap_or("any")
            .to_owned(),
        Value::String(kind) if kind == "array" => {
            format!("list of {}", kind_of(document, &schema["items"]))
        }
        Value::String(kind) => kind.clone(),
        _ => "any".to_owned(),
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let reference = text(&schema["$ref"]).trim_start_matches('#');
    if reference.is_empty() {
        schema
    } else {
        document.pointer(reference).unwrap_or(schema)
    }
}

fn row(page: &mut String, cells: &[&str]) {
    page.push_str("<tr>");
    for cell in cells {
        push(page, "td", cell);
    }
    page.push_str("</tr>");
}

fn push(page: &mut String, tag: &str, content: &str) {
    let _ = write!(page, "<{tag}>{}</{tag}>", with_code(&escape(content)));
}

/// Sets what stands between backticks as code; an odd one stays as it is.
fn with_code(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, opened)) = rest.split_once('`')
        && let Some((code, after)) = opened.split_once('`')
    {
        let _ = write!(html, "{before}<code>{code}</code>");
        rest = after;
    }
    html.push_str(rest);
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_backticks_is_code_and_markup_is_not_taken() {
        let mut page = String::new();

        push(&mut page, "p", "a `b<c>` and ` d");

        assert_eq!(page, "<p>a <code>b&lt;c&gt;</code> and ` d</p>");
    }
}
