//! TwiML as Twilio reads it: a tree of verbs, strict about XML and lenient about what is in it.

use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

/// Deeper than any verb nests; what is deeper is dropped.
const DEEPEST: usize = 8;

/// More verbs than a document of 64 KB needs.
const MOST_NODES: u32 = 20_000;

/// One element: a verb or a noun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: BTreeMap<String, String>,
    /// Its own text and that of what is in it, such as SSML.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// Returns an attribute that is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.attribute(name).filter(|value| !value.is_empty())
    }

    /// Returns a number that is not negative; what is none counts as absent.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let number: f64 = self.attribute(name)?.trim().parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    }

    pub(crate) fn flag(&self, name: &str, otherwise: bool) -> bool {
        match self.attribute(name) {
            Some("true") => true,
            Some("false") => false,
            _ => otherwise,
        }
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Returns the name and value of each `<Parameter>`.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let parameters = self
            .children
            .iter()
            .filter(|child| child.name == "Parameter");
        parameters
            .filter_map(|child| {
                let value = child.attribute("value").unwrap_or_default();
                Some((child.attribute("name")?.to_owned(), value.to_owned()))
            })
            .collect()
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.attributes.insert(name.into(), value.into());
    }

    /// Returns a verb of our own making.
    pub(crate) fn verb(name: &str, text: &str) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            ..Self::default()
        }
    }
}

/// Why a document is not TwiML; Twilio's code 12100.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TwimlError {
    #[error("the document is not XML: {0}")]
    NotXml(String),
    #[error("the document's root is <{0}>, not <Response>")]
    NotResponse(String),
}

/// Returns the verbs of a document.
pub(crate) fn parse(document: &str) -> Result<Vec<Element>, TwimlError> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let tree = Document::parse_with_options(document.trim(), options)
        .map_err(|error| TwimlError::NotXml(error.to_string()))?;
    let root = tree.root_element();
    if root.tag_name().name() != "Response" {
        return Err(TwimlError::NotResponse(root.tag_name().name().to_owned()));
    }
    Ok(children(root, 0))
}

fn children(node: Node<'_, '_>, depth: usize) -> Vec<Element> {
    if depth > DEEPEST {
        return Vec::new();
    }
    let elements = node.children().filter(Node::is_element);
    elements.map(|child| element(child, depth)).collect()
}

fn element(node: Node<'_, '_>, depth: usize) -> Element {
    let text: String = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect();
    Element {
        name: node.tag_name().name().to_owned(),
        attributes: node
            .attributes()
            .map(|attribute| (attribute.name().to_owned(), attribute.value().to_owned()))
            .collect(),
        text: text.trim().to_owned(),
        children: children(node, depth + 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn verbs_nouns_attributes_and_text_are_read() {
        let verbs = parse(
            r#"<?xml version="1.0" encoding="UTF-8"?>
            <Response><!-- a comment --><Say loop="2">Hello <emphasis>you</emphasis></Say>
            <Connect><Stream url="wss://a/b&amp;c"><Parameter name="token" value="t"/></Stream></Connect></Response>"#,
        )
        .unwrap();

        assert_eq!(verbs.len(), 2);
        assert_eq!(verbs[0].text, "Hello you");
        assert_eq!(verbs[0].number("loop"), Some(2.0));
        let stream = verbs[1].child("Stream").unwrap();
        assert_eq!(stream.attribute("url"), Some("wss://a/b&c"));
        assert_eq!(stream.parameters(), [("token".to_owned(), "t".to_owned())]);
    }

    #[test]
    fn what_is_no_response_is_refused() {
        assert!(matches!(parse("<Response>"), Err(TwimlError::NotXml(_))));
        assert!(matches!(parse("hello"), Err(TwimlError::NotXml(_))));
        assert_eq!(
            parse("<Reply/>"),
            Err(TwimlError::NotResponse("Reply".into()))
        );
        assert_eq!(parse("<Response/>"), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn nothing_that_arrives_panics(document in "(<|>|/|&|Response|Say|\"|=|\\PC){0,40}") {
            let _ = parse(&document);
        }

        #[test]
        fn nesting_is_bounded(depth in 0_usize..60) {
            let document = format!("<Response>{}{}</Response>", "<Say>".repeat(depth), "</Say>".repeat(depth));

            prop_assert!(parse(&document).is_ok());
        }
    }
}
