//! What an operator says about an HTTP tool.

use std::{collections::BTreeMap, fmt};

use agent_contract::{ANSWER_LIMIT, TOOL_DEADLINE};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::HttpToolError;

/// Nobody on the phone waits longer.
const LONGEST_DEADLINE_MS: u64 = 60_000;

/// More than this buries the conversation.
const LONGEST_RESULT: usize = 40_000;

/// A tool as it stands in the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpToolSettings {
    /// What it does and when to use it, for the thinker.
    pub description: String,
    /// How the service is asked.
    pub method: Method,
    /// The address; `{argument}` stands for an argument, in the path or the query. Arguments that are not in it become
    /// the JSON body, or the query of a request without a body.
    pub url: String,
    /// The arguments as a JSON Schema object.
    pub parameters: Map<String, Value>,
    /// Headers; `${NAME}` stands for a secret of the environment.
    pub headers: BTreeMap<String, HeaderText>,
    /// How long it may take.
    pub deadline_ms: u64,
    /// Characters of the answer that reach the thinker.
    pub result_chars: usize,
    /// Whether the service may be on this machine or in a private network. Link-local addresses, where clouds hand out
    /// their credentials, stay out of reach.
    pub allow_private: bool,
}

impl Default for HttpToolSettings {
    fn default() -> Self {
        Self {
            description: String::new(),
            method: Method::Get,
            url: String::new(),
            parameters: Map::new(),
            headers: BTreeMap::new(),
            deadline_ms: u64::try_from(TOOL_DEADLINE.as_millis()).unwrap_or(LONGEST_DEADLINE_MS),
            result_chars: ANSWER_LIMIT,
            allow_private: false,
        }
    }
}

impl HttpToolSettings {
    /// Returns the names of the secrets that its headers need.
    #[must_use]
    pub fn secret_names(&self) -> Vec<String> {
        let pieces = self.headers.values().flat_map(HeaderText::pieces);
        let names = pieces.filter_map(|piece| match piece {
            Piece::Secret(name) => Some(name.to_owned()),
            Piece::Text(_) => None,
        });
        names.collect()
    }

    pub(super) fn check(&self) -> Result<(), HttpToolError> {
        if !(1..=LONGEST_DEADLINE_MS).contains(&self.deadline_ms) {
            return Err(HttpToolError::Deadline {
                most: LONGEST_DEADLINE_MS,
            });
        }
        if !(1..=LONGEST_RESULT).contains(&self.result_chars) {
            return Err(HttpToolError::ResultChars {
                most: LONGEST_RESULT,
            });
        }
        Ok(())
    }

    /// The schema of the arguments; one that says nothing of its type is one of an object.
    pub(super) fn schema(&self) -> Result<Value, HttpToolError> {
        let mut schema = self.parameters.clone();
        let kind = schema.entry("type").or_insert_with(|| json!("object"));
        if kind != "object" {
            return Err(HttpToolError::Parameters);
        }
        let properties = schema.entry("properties").or_insert_with(|| json!({}));
        if !properties.is_object() {
            return Err(HttpToolError::Parameters);
        }
        Ok(Value::Object(schema))
    }
}

/// How a service is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Looks something up.
    Get,
    /// Makes something.
    Post,
    /// Puts something in place.
    Put,
    /// Changes something.
    Patch,
    /// Takes something away.
    Delete,
}

impl Method {
    pub(super) fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Put | Self::Patch)
    }

    pub(super) fn has_effects(self) -> bool {
        self != Self::Get
    }
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

/// The value of a header, with secrets by name. It does not show itself: some write keys where they should not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HeaderText(String);

impl<T: Into<String>> From<T> for HeaderText {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A part of a header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Secret(&'a str),
}

impl HeaderText {
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut rest = self.0.as_str();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            if let Some((name, after)) = secret(rest) {
                rest = after;
                return Some(Piece::Secret(name));
            }
            let sign = rest.match_indices("${").map(|(at, _)| at);
            let end = { sign }.find(|at| *at > 0).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            rest = after;
            Some(Piece::Text(text))
        })
    }
}

/// Returns the name of the secret that a text begins with, and what comes after.
fn secret(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix("${")?.split_once('}')?;
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_name = !name.is_empty() && name.bytes().all(is_letter);
    is_name.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_its_secrets() {
        let text = HeaderText::from("Basic ${USER}:${PASS_2} $ {x} ${not a name");

        let pieces: Vec<_> = text.pieces().collect();

        assert_eq!(
            pieces,
            [
                Piece::Text("Basic "),
                Piece::Secret("USER"),
                Piece::Text(":"),
                Piece::Secret("PASS_2"),
                Piece::Text(" $ {x} "),
                Piece::Text("${not a name"),
            ]
        );
    }

    #[test]
    fn a_tool_is_read_from_a_table() {
        let table = "description = \"Finds a customer.\"\nmethod = \"GET\"\nurl = \"https://crm.example/{id}\"\n\
            headers = { Authorization = \"Bearer ${CRM_KEY}\" }\n\
            [parameters]\nrequired = [\"id\"]\nproperties.id.type = \"integer\"\n";

        let settings: HttpToolSettings = toml::from_str(table).expect("it fits");

        assert_eq!(settings.secret_names(), ["CRM_KEY"]);
        let schema = settings.schema().expect("it is an object");
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["properties"]["id"]["type"], "integer");
        assert!(!format!("{settings:?}").contains("CRM_KEY"));
    }
}
