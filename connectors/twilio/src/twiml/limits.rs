//! Twilio's limits, checked before it finds out in the middle of a call.

use super::element::Element;

/// The longest answer, in bytes.
pub const LONGEST: usize = 64 * 1024;

/// The longest parameter `Twiml` of the REST API, in characters.
pub const LONGEST_INLINE: usize = 4_000;

/// The longest text of a `<Say>`, in characters.
const LONGEST_SPEECH: usize = 4_096;

/// Name and value of a `<Parameter>` together must be shorter, in characters.
const PARAMETER: usize = 500;

/// The longest name of a conference or label of its participant, in characters.
const LONGEST_NAME: usize = 128;

/// The most numbers and clients that ring together.
const MOST_RINGING: usize = 10;

/// Twilio would not carry this out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TwimlError {
    /// Something is longer than Twilio takes: shorten it.
    #[error("{what} is longer than {longest}")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// The most that is taken.
        longest: usize,
    },
    /// The address of a stream or relay is not one of a WebSocket, or has a query: pass data as parameters.
    #[error("a media socket's address begins with wss:// and has no query")]
    NotASocket,
    /// Only the first verb may reject: a call that was answered can only end.
    #[error("only the first verb may be a Reject")]
    RejectTooLate,
    /// There is no number, client or conference to dial, or there are too many.
    #[error("a Dial has one conference, or one to {MOST_RINGING} numbers and clients")]
    NobodyToDial,
}

pub(super) fn check(verbs: &[Element]) -> Result<(), TwimlError> {
    if verbs.iter().skip(1).any(|verb| verb.name == "Reject") {
        return Err(TwimlError::RejectTooLate);
    }
    verbs.iter().try_for_each(check_element)
}

fn check_element(element: &Element) -> Result<(), TwimlError> {
    match element.name {
        // It names a stream that runs already.
        "Stop" => return Ok(()),
        "Say" => at_most("the text of a Say", &element.text, LONGEST_SPEECH)?,
        "Stream" | "ConversationRelay"
            if !is_socket(element.attribute("url").unwrap_or_default()) =>
        {
            return Err(TwimlError::NotASocket);
        }
        "Parameter" => {
            let value = |name| element.attribute(name).unwrap_or_default();
            let both = [value("name"), value("value")].concat();
            at_most("a Parameter", &both, PARAMETER - 1)?;
        }
        "Conference" => {
            at_most("the name of a conference", &element.text, LONGEST_NAME)?;
            let label = element.attribute("participantLabel").unwrap_or_default();
            at_most("a participant's label", label, LONGEST_NAME)?;
        }
        "Dial" => {
            let conference = element.children.iter().any(|to| to.name == "Conference");
            let most = if conference { 1 } else { MOST_RINGING };
            if element.children.is_empty() || element.children.len() > most {
                return Err(TwimlError::NobodyToDial);
            }
        }
        _ => {}
    }
    element.children.iter().try_for_each(check_element)
}

fn at_most(what: &'static str, text: &str, longest: usize) -> Result<(), TwimlError> {
    if text.chars().count() > longest {
        return Err(TwimlError::TooLong { what, longest });
    }
    Ok(())
}

/// Twilio itself takes `wss` only; a stand-in on loopback has no certificate.
fn is_socket(url: &str) -> bool {
    let address = url.strip_prefix("wss://").or(url.strip_prefix("ws://"));
    address.is_some_and(|address| !address.is_empty() && !address.contains(['?', '#']))
}
