//! Searches the knowledge of an agent.

use agent_contract::{ANSWER_LIMIT, Tool, ToolAnswer, ToolContext, ToolError, ToolSpec};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::{Document, Knowledge, KnowledgeError};

/// Passages in an answer: more would bury the one that matters.
const PASSAGES: usize = 4;

/// Characters of a question; a thinker that writes more copies the whole conversation.
const LONGEST_QUERY: usize = 400;

/// Lets the thinker look things up. The answer is `{"passages":[{"source","heading","text"}]}`, best first.
#[derive(Debug)]
pub struct SearchKnowledge {
    spec: ToolSpec,
    knowledge: Knowledge,
}

impl SearchKnowledge {
    /// Returns the tool `search_knowledge` over these texts.
    ///
    /// # Errors
    /// [`KnowledgeError`] when there is nothing to search, or too much.
    pub fn new(documents: &[Document]) -> Result<Self, KnowledgeError> {
        let parameters = json!({
            "type": "object",
            "properties": {
                "query": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": LONGEST_QUERY,
                    "description": "A few words to look for, in the language of the conversation.",
                },
            },
            "required": ["query"],
            "additionalProperties": false,
        });
        Ok(Self {
            spec: ToolSpec {
                name: "search_knowledge".to_owned(),
                description: "Searches what this business has written down: prices, rules, places, services. Use it \
                    before answering a question about the business; never make up an answer."
                    .to_owned(),
                parameters,
            },
            knowledge: Knowledge::new(documents)?,
        })
    }

    fn answer(&self, query: &str) -> String {
        let mut passages = Vec::new();
        let mut answer = as_json(&passages);
        for found in self.knowledge.search(query, PASSAGES) {
            passages.push(json!({
                "source": found.source,
                "heading": found.heading,
                "text": found.text,
            }));
            let longer = as_json(&passages);
            // A later passage may be shorter, but not better.
            if longer.chars().count() > ANSWER_LIMIT {
                break;
            }
            answer = longer;
        }
        answer
    }
}

fn as_json(passages: &[Value]) -> String {
    json!({ "passages": passages }).to_string()
}

#[async_trait]
impl Tool for SearchKnowledge {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: Value, _: ToolContext) -> Result<ToolAnswer, ToolError> {
        let query = arguments.get("query").and_then(Value::as_str);
        let query = query.ok_or_else(|| ToolError::Arguments("there is no `query`".to_owned()))?;
        Ok(ToolAnswer::text(self.answer(query)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stay_json_within_the_limit() {
        let paragraph = "parking \"costs\" two euros an hour ".repeat(40);
        let text = vec![paragraph; 8].join("\n\n");
        let documents = [Document::new("prices.md", text)];
        let tool = SearchKnowledge::new(&documents).expect("there is text");

        let answer = tool.answer("what does parking cost");

        assert!(answer.chars().count() <= ANSWER_LIMIT);
        let json: Value = serde_json::from_str(&answer).expect("it is JSON");
        assert!(!json["passages"].as_array().expect("a list").is_empty());
        assert_eq!(json["passages"][0]["source"], "prices.md");
    }

    #[test]
    fn nothing_found_is_an_empty_list() {
        let documents = [Document::new("handbook", "Dogs are welcome.")];
        let tool = SearchKnowledge::new(&documents).expect("there is text");

        assert_eq!(tool.answer("quantum physics"), r#"{"passages":[]}"#);
    }
}
