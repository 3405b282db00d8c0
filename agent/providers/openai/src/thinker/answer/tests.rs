use serde_json::json;

use super::*;

fn delta(delta: &Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

fn fragment(index: u64, id: Option<&str>, name: Option<&str>, arguments: &str) -> Value {
    let function = json!({ "name": name, "arguments": arguments });
    delta(&json!({ "tool_calls": [{ "index": index, "id": id, "function": function }] }))
}

fn thoughts(events: &[Value]) -> Result<Vec<Thought>, Failure> {
    let mut answer = Answer::default();
    for event in events {
        answer.handle(event)?;
    }
    answer.handle_end()?;
    Ok(std::iter::from_fn(|| answer.poll_thought()).collect())
}

fn call(id: &str, name: &str, arguments: &str) -> Thought {
    Thought::Call(ToolCall {
        id: CallId(id.into()),
        name: name.into(),
        arguments: arguments.into(),
    })
}

#[test]
fn interleaved_calls_are_put_together_by_index() {
    let events = [
        delta(&json!({ "role": "assistant", "content": "One moment." })),
        fragment(0, Some("a"), Some("first"), ""),
        fragment(1, Some("b"), Some("second"), "{\"y\""),
        fragment(0, None, None, "{\"x\":1}"),
        fragment(1, None, None, ":2}"),
        finish("tool_calls"),
    ];

    let thoughts = thoughts(&events).unwrap();

    assert_eq!(
        thoughts,
        [
            Thought::Text("One moment.".into()),
            call("a", "first", "{\"x\":1}"),
            call("b", "second", "{\"y\":2}"),
            Thought::Finished(FinishReason::Calls),
        ]
    );
}

#[test]
fn calls_without_an_index_are_told_apart_by_id() {
    let without_index = |id, arguments| {
        let function = json!({ "name": "look", "arguments": arguments });
        delta(&json!({ "tool_calls": [{ "id": id, "function": function }] }))
    };
    let events = [
        without_index("a", "{}"),
        without_index("b", "[]"),
        finish("stop"),
    ];

    let thoughts = thoughts(&events).unwrap();

    assert_eq!(
        thoughts,
        [
            call("a", "look", "{}"),
            call("b", "look", "[]"),
            Thought::Finished(FinishReason::Calls),
        ]
    );
}

#[test]
fn a_call_that_was_cut_off_is_not_made() {
    let events = [
        fragment(0, Some("a"), Some("pay"), "{\"amount\": 1"),
        finish("length"),
    ];

    let thoughts = thoughts(&events).unwrap();

    assert_eq!(thoughts, [Thought::Finished(FinishReason::Length)]);
}

#[test]
fn the_count_of_tokens_may_come_last() {
    let usage = json!({ "choices": [], "usage": {
        "prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": { "cached_tokens": 4 },
    }});

    let thoughts = thoughts(&[finish("stop"), usage]).unwrap();

    let tokens = Tokens {
        input: 9,
        cached: 4,
        output: 2,
    };
    assert_eq!(
        thoughts,
        [
            Thought::Tokens(tokens),
            Thought::Finished(FinishReason::Stop)
        ]
    );
}

#[test]
fn an_answer_that_breaks_off_is_no_answer() {
    let error = thoughts(&[delta(&json!({ "content": "I th" }))]).unwrap_err();

    assert!(matches!(error, Failure::CutOff));
}

#[test]
fn an_error_in_mid_stream_is_one() {
    let event =
        json!({ "error": { "message": "overloaded", "type": "server_error", "code": null } });

    let error = thoughts(&[delta(&json!({ "content": "I" })), event]).unwrap_err();

    assert!(matches!(error, Failure::Refused(_)));
}

#[test]
fn a_model_that_never_ends_is_stopped() {
    let mut answer = Answer::default();
    let event = delta(&json!({ "content": "and ".repeat(1000) }));

    let error = (0..1000).find_map(|_| answer.handle(&event).err());

    assert!(matches!(error, Some(Failure::Nonsense(_))));
}

#[test]
fn rubbish_is_an_error_and_no_panic() {
    let rubbish = [
        json!(null),
        json!([]),
        json!({ "choices": 7 }),
        json!({ "choices": [{ "delta": "x", "finish_reason": 5 }] }),
        json!({ "choices": [{ "delta": { "tool_calls": [{ "index": u64::MAX }, {}] } }] }),
        finish("stop"),
    ];

    for event in &rubbish {
        let _ = Answer::default().handle(event);
        let _ = Answer::default().handle(&json!({ "choices": [event] }));
    }
    assert!(thoughts(&[fragment(0, Some("a"), None, ""), finish("stop")]).is_err());
}
