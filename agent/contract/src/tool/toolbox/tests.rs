use std::future;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::*;
use crate::{CallId, Language};

/// Says how many there are, or does not come back.
struct Counter {
    spec: ToolSpec,
}

#[async_trait]
impl Tool for Counter {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn answer_limit(&self) -> usize {
        10
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<ToolAnswer, ToolError> {
        match arguments["count"].as_u64() {
            Some(0) => future::pending().await,
            Some(13) => Err(ToolError::failed("out of luck")),
            count => Ok(
                ToolAnswer::text("é".repeat(count.unwrap_or_default() as usize))
                    .with(Effect::EndCall),
            ),
        }
    }
}

#[tokio::test]
async fn arguments_that_fit_reach_the_tool() {
    let outcome = call("count", r#"{"count":3}"#).await;

    assert_eq!(outcome.text, "ééé");
    assert_eq!(outcome.effect, Some(Effect::EndCall));
    assert!(outcome.failure.is_none());
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_explained_to_the_thinker() {
    for (arguments, word) in [
        (r#"{"count":"three"}"#, "/count"),
        ("{}", "required"),
        ("", "required"),
        ("{count", "JSON"),
        ("[1]", "object"),
    ] {
        let outcome = call("count", arguments).await;

        assert!(
            outcome.text.contains(word) && outcome.text.contains("Correct them"),
            "{arguments}: {}",
            outcome.text
        );
        assert_eq!(outcome.failure.expect("a failure").kind(), "arguments");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tool_that_takes_too_long_is_given_up() {
    let outcome = call("count", r#"{"count":0}"#).await;

    assert_eq!(outcome.failure.expect("a failure").kind(), "late");
    assert_eq!(outcome.took, Duration::from_secs(2));
}

#[tokio::test]
async fn an_unknown_tool_and_a_failing_one_are_answered_without_details() {
    let unknown = call("fly", "{}").await;
    let failing = call("count", r#"{"count":13}"#).await;

    assert!(unknown.text.contains("no such tool"), "{}", unknown.text);
    assert!(!failing.text.contains("luck"), "{}", failing.text);
    assert_eq!(failing.failure.expect("a failure").kind(), "failed");
}

#[tokio::test]
async fn a_long_answer_is_cut_at_a_character() {
    let outcome = call("count", r#"{"count":11}"#).await;

    assert!(outcome.text.starts_with("éééééééééé …"), "{}", outcome.text);
}

#[test]
fn tools_that_cannot_be_offered_are_named() {
    let two = vec![counter("count", json!({})), counter("count", json!({}))];
    let odd = vec![counter("count things", json!({}))];
    let wrong = vec![counter("count", json!({"type": "number?"}))];

    assert_eq!(
        Toolbox::new(two).unwrap_err(),
        ToolboxError::Twice("count".into())
    );
    assert_eq!(
        Toolbox::new(odd).unwrap_err(),
        ToolboxError::Name("count things".into())
    );
    assert_eq!(
        Toolbox::new(wrong).unwrap_err(),
        ToolboxError::Schema("count".into())
    );
}

fn counter(name: &str, parameters: Value) -> Arc<dyn Tool> {
    Arc::new(Counter {
        spec: ToolSpec {
            name: name.to_owned(),
            description: "Counts".to_owned(),
            parameters,
        },
    })
}

async fn call(name: &str, arguments: &str) -> ToolOutcome {
    let schema = json!({
        "type": "object",
        "properties": {"count": {"type": "integer"}},
        "required": ["count"],
    });
    let tools = Toolbox::new(vec![counter("count", schema)]).expect("a box");
    let call = ToolCall {
        id: CallId("1".to_owned()),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    let context = ToolContext {
        call: call.id.clone(),
        session: "session".into(),
        language: Language::english(),
        speaker: None,
        turn: 0,
    };
    tools.call(&call, context).await
}
