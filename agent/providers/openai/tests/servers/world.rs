//! What the tests share: names, settings for a server, and ears.

use agent_contract::{Language, Message, ProviderName, Thought, ThoughtRequest, ToolSpec};
use agent_providers_openai::{OpenAiThinker, ThinkerSettings};
use serde_json::json;
use tests_fakes::OpenAi;

/// Not a key of anybody.
pub(crate) const KEY: &str = "sk-test-1234";

pub(crate) fn name() -> ProviderName {
    ProviderName::new("cloud")
}

pub(crate) fn thinker(server: &OpenAi) -> OpenAiThinker {
    let settings = ThinkerSettings {
        base_url: server.url(),
        key: Some(KEY.into()),
        patience_ms: 300,
        ..ThinkerSettings::default()
    };
    OpenAiThinker::new(name(), settings).unwrap()
}

pub(crate) fn question(text: &str) -> ThoughtRequest {
    let tool = ToolSpec {
        name: "look_up".into(),
        description: "Looks something up".into(),
        parameters: json!({ "type": "object", "properties": { "q": { "type": "string" } } }),
    };
    ThoughtRequest {
        instructions: "Be brief.".into(),
        messages: vec![Message::Person {
            name: None,
            text: text.into(),
        }],
        tools: [tool].into(),
        language: Language::english(),
        max_tokens: Some(100),
    }
}

/// Everything that was said, joined.
pub(crate) fn text(thoughts: &[Thought]) -> String {
    let texts = thoughts.iter().filter_map(|thought| match thought {
        Thought::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}
