//! The document that a call runs: what is left of it, and where it came from.

use std::collections::VecDeque;

use url::Url;

use super::{Answer, Method};
use crate::twiml::{self, Element};

/// Larger documents are refused (11750).
const LARGEST: usize = 64 * 1024;

/// The verbs that are still to come.
#[derive(Debug, Default)]
pub(crate) struct Program {
    verbs: VecDeque<Element>,
    /// Where the document came from; nothing for one that came by REST.
    source: Option<Url>,
}

/// What Twilio has against an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) text: String,
}

impl Program {
    /// Returns the program in the answer of a web server.
    pub(crate) fn of_answer(url: &str, answer: &Answer) -> Result<Self, Refusal> {
        if answer.body.len() > LARGEST {
            return Err(refusal(11_750, "the document is larger than 64 KB"));
        }
        let kind = answer.content_type.split(';').next().unwrap_or_default();
        let verbs = match kind.trim().to_ascii_lowercase().as_str() {
            "text/xml" | "application/xml" | "text/html" => read(&answer.body)?,
            "text/plain" => vec![Element::verb("Say", &answer.body)],
            kind if kind.starts_with("audio/") => vec![Element::verb("Play", url)],
            kind => {
                return Err(refusal(
                    12_300,
                    &format!("the content type {kind:?} is not TwiML"),
                ));
            }
        };
        Ok(Self {
            verbs: verbs.into(),
            source: Url::parse(url).ok(),
        })
    }

    /// Returns the program in a document that came by REST.
    pub(crate) fn of_document(document: &str) -> Result<Self, Refusal> {
        Ok(Self {
            verbs: read(document)?.into(),
            source: None,
        })
    }

    pub(crate) fn next(&mut self) -> Option<Element> {
        self.verbs.pop_front()
    }

    /// Does `verbs` first.
    pub(crate) fn replace(&mut self, verbs: Vec<Element>) {
        self.verbs = verbs.into();
    }

    /// Returns an address seen from the document: `None` is the document itself.
    pub(crate) fn resolve(&self, address: Option<&str>) -> String {
        match (&self.source, address) {
            (Some(source), Some(address)) => {
                let joined = source.join(address.trim());
                joined.map_or_else(|_| address.to_owned(), String::from)
            }
            (Some(source), None) => source.to_string(),
            (None, address) => address.unwrap_or_default().trim().to_owned(),
        }
    }

    /// Returns a socket's address seen from the document.
    pub(crate) fn resolve_socket(&self, address: &str) -> String {
        if address.contains("://") {
            return address.trim().to_owned();
        }
        self.resolve(Some(address)).replacen("http", "ws", 1)
    }
}

/// Returns the address of an action, and how it is asked.
pub(crate) fn action_of(verb: &Element) -> Option<(String, Method)> {
    let method = Method::read(verb.attribute("method"));
    verb.filled("action")
        .map(|action| (action.to_owned(), method))
}

fn read(document: &str) -> Result<Vec<Element>, Refusal> {
    twiml::parse(document).map_err(|error| refusal(12_100, &error.to_string()))
}

fn refusal(code: u16, text: &str) -> Refusal {
    Refusal {
        code,
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(content_type: &str, body: &str) -> Answer {
        Answer {
            status: 200,
            content_type: content_type.into(),
            body: body.into(),
            took: Duration::ZERO,
        }
    }

    fn first(content_type: &str, body: &str) -> Result<String, u16> {
        Program::of_answer("https://app.test/voice", &answer(content_type, body))
            .map(|mut program| program.next().map(|verb| verb.name).unwrap_or_default())
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn the_content_type_says_what_an_answer_is() {
        let hangup = "<Response><Hangup/></Response>";

        assert_eq!(
            first("text/xml; charset=utf-8", hangup),
            Ok("Hangup".into())
        );
        assert_eq!(first("text/html", hangup), Ok("Hangup".into()));
        assert_eq!(first("text/plain", "hello"), Ok("Say".into()));
        assert_eq!(first("audio/wav", ""), Ok("Play".into()));
        assert_eq!(first("application/json", "{}"), Err(12_300));
        assert_eq!(first("text/xml", "hello"), Err(12_100));
        assert_eq!(first("text/xml", &" ".repeat(LARGEST + 1)), Err(11_750));
    }

    #[test]
    fn addresses_are_seen_from_the_document() {
        let program = Program::of_answer(
            "https://app.test/twilio/voice?a=b",
            &answer("text/xml", "<Response/>"),
        )
        .unwrap();

        assert_eq!(
            program.resolve(Some("resume")),
            "https://app.test/twilio/resume"
        );
        assert_eq!(program.resolve(None), "https://app.test/twilio/voice?a=b");
        assert_eq!(program.resolve_socket("/stream"), "wss://app.test/stream");
    }
}
