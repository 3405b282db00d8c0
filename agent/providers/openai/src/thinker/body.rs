//! A conversation as a chat completion asks for it.

use agent_contract::{Message, ThoughtRequest, ToolCall, ToolSpec};
use serde_json::{Map, Value, json};

use crate::{ThinkerSettings, TokenLimit};

/// Returns the body of the request.
pub(super) fn of(settings: &ThinkerSettings, request: &ThoughtRequest) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), json!(settings.model));
    body.insert("stream".into(), json!(true));
    body.insert("messages".into(), messages(request));
    if settings.usage {
        body.insert("stream_options".into(), json!({ "include_usage": true }));
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), request.tools.iter().map(tool).collect());
    }
    if let Some(tokens) = request.max_tokens {
        let field = match settings.token_limit {
            TokenLimit::MaxCompletionTokens => "max_completion_tokens",
            TokenLimit::MaxTokens => "max_tokens",
        };
        body.insert(field.into(), json!(tokens));
    }
    if let Some(temperature) = settings.temperature {
        body.insert("temperature".into(), json!(temperature));
    }
    if let Some(effort) = &settings.reasoning_effort {
        body.insert("reasoning_effort".into(), json!(effort));
    }
    Value::Object(body)
}

fn messages(request: &ThoughtRequest) -> Value {
    let (instructions, language) = (&request.instructions, &request.language);
    let system = json!({
        "role": "system",
        "content": format!("{instructions}\n\nAnswer in the language `{language}`."),
    });
    let rest = request.messages.iter().filter_map(message);
    std::iter::once(system).chain(rest).collect()
}

fn message(message: &Message) -> Option<Value> {
    Some(match message {
        // The field `name` takes ASCII only and small models ignore it.
        Message::Person {
            name: Some(name),
            text,
        } => {
            json!({ "role": "user", "content": format!("{name}: {text}") })
        }
        Message::Person { name: None, text } => json!({ "role": "user", "content": text }),
        Message::Agent { text, calls } if calls.is_empty() => {
            if text.is_empty() {
                return None;
            }
            json!({ "role": "assistant", "content": text })
        }
        Message::Agent { text, calls } => json!({
            "role": "assistant",
            "content": (!text.is_empty()).then_some(text),
            "tool_calls": calls.iter().map(call).collect::<Value>(),
        }),
        Message::Tool { call, text } => {
            json!({ "role": "tool", "tool_call_id": call.0, "content": text })
        }
        Message::Note(text) => json!({ "role": "system", "content": text }),
    })
}

fn call(call: &ToolCall) -> Value {
    json!({
        "id": call.id.0,
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments },
    })
}

fn tool(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    })
}

#[cfg(test)]
mod tests {
    use agent_contract::{CallId, Language};

    use super::*;

    fn request(messages: Vec<Message>) -> ThoughtRequest {
        ThoughtRequest {
            instructions: "Be brief.".into(),
            messages,
            tools: [].into(),
            language: "fr".parse().unwrap(),
            max_tokens: Some(50),
        }
    }

    #[test]
    fn a_tool_call_and_its_answer_keep_their_id() {
        let call = ToolCall {
            id: CallId("c1".into()),
            name: "look_up".into(),
            arguments: "{\"q\":1}".into(),
        };
        let messages = vec![
            Message::Agent {
                text: String::new(),
                calls: vec![call],
            },
            Message::Tool {
                call: CallId("c1".into()),
                text: "42".into(),
            },
        ];

        let body = of(&ThinkerSettings::default(), &request(messages));

        assert_eq!(body["messages"][1]["content"], Value::Null);
        assert_eq!(body["messages"][1]["tool_calls"][0]["id"], "c1");
        assert_eq!(body["messages"][2]["tool_call_id"], "c1");
    }

    #[test]
    fn the_language_and_who_spoke_are_told() {
        let messages = vec![
            Message::Person {
                name: Some("Zoë".into()),
                text: "Salut".into(),
            },
            Message::Agent {
                text: String::new(),
                calls: vec![],
            },
        ];

        let body = of(&ThinkerSettings::default(), &request(messages));

        let said = &body["messages"];
        assert!(said[0]["content"].as_str().unwrap().ends_with("`fr`."));
        assert_eq!(said[1]["content"], "Zoë: Salut");
        assert_eq!(
            said.as_array().unwrap().len(),
            2,
            "a reply without words is none"
        );
    }

    #[test]
    fn older_servers_get_the_limit_they_know() {
        let settings = ThinkerSettings {
            token_limit: TokenLimit::MaxTokens,
            usage: false,
            ..ThinkerSettings::default()
        };

        let body = of(
            &settings,
            &request(vec![Message::Person {
                name: None,
                text: "Hi".into(),
            }]),
        );

        assert_eq!(body["max_tokens"], 50);
        assert!(body.get("max_completion_tokens").is_none());
        assert!(body.get("stream_options").is_none());
        assert_eq!(Language::english().as_str(), "en");
    }
}
