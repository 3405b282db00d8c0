//! What a call does next, told in `TwiML`: built by typed verbs, escaped, and checked against Twilio's limits.
//!
//! ```
//! use connectors_twilio::twiml::{Connect, Redirect, Response, Stream};
//!
//! let stream = Stream::new("wss://phone.example/twilio/stream").parameter("token", "once");
//! let answer = Response::new()
//!     .then(Connect::stream(stream))
//!     .then(Redirect::to("https://phone.example/twilio/resume?a=1&b=2"))
//!     .to_xml()?;
//!
//! assert!(answer.contains(r#"<Parameter name="token" value="once"/>"#));
//! assert!(answer.contains("resume?a=1&amp;b=2</Redirect>"));
//! # Ok::<_, connectors_twilio::twiml::TwimlError>(())
//! ```

mod connect;
mod dial;
mod element;
mod gather;
mod limits;
mod relay;
mod speech;

use self::element::Element;
pub use self::{
    connect::{Connect, Start, Stop, Stream, Track},
    dial::{Beep, Client, Conference, Dial, Number},
    gather::{Gather, Input},
    limits::{LONGEST, LONGEST_INLINE, TwimlError},
    relay::{ConversationRelay, Interruptible, Language},
    speech::{Pause, Play, Say},
};

/// The media type of an answer. Others are spoken aloud or refused.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

/// A whole answer: verbs that are carried out one after the other. Without any, the call ends.
#[derive(Debug, Clone, Default)]
pub struct Response {
    verbs: Vec<Element>,
}

/// Something that a call can be told to do.
pub trait Verb: sealed::Sealed {}

pub(crate) mod sealed {
    /// Keeps the list of verbs here.
    pub trait Sealed {
        #[doc(hidden)]
        fn into_element(self) -> super::element::Element;
    }
}

impl Response {
    /// Begins an answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a verb.
    #[must_use]
    pub fn then(mut self, verb: impl Verb) -> Self {
        self.verbs.push(verb.into_element());
        self
    }

    /// Returns the document.
    ///
    /// # Errors
    /// [`TwimlError`] names the limit that it breaks.
    pub fn to_xml(&self) -> Result<String, TwimlError> {
        limits::check(&self.verbs)?;
        let mut xml = HEAD.to_owned();
        let mut response = Element::new("Response");
        for verb in &self.verbs {
            response = response.child(verb.clone());
        }
        response.write(&mut xml);
        if xml.len() > LONGEST {
            return Err(TwimlError::TooLong {
                what: "the answer",
                longest: LONGEST,
            });
        }
        Ok(xml)
    }

    /// Returns the document for a parameter `Twiml` of the REST API, which takes less than an answer.
    ///
    /// # Errors
    /// [`TwimlError`] names the limit that it breaks.
    pub fn to_inline(&self) -> Result<String, TwimlError> {
        let xml = self.to_xml()?;
        if xml.chars().count() > LONGEST_INLINE {
            return Err(TwimlError::TooLong {
                what: "the parameter Twiml",
                longest: LONGEST_INLINE,
            });
        }
        Ok(xml)
    }
}

/// How Twilio asks for what a URL has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// With the parameters in a body; what Twilio does unasked.
    Post,
    /// With the parameters in the URL.
    Get,
}

impl Method {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
        }
    }
}

/// Goes on with what another URL says.
#[derive(Debug, Clone)]
pub struct Redirect(Element);

impl Redirect {
    /// Asks there, by POST.
    #[must_use]
    pub fn to(url: &str) -> Self {
        Self(Element::new("Redirect").text(url))
    }

    /// Asks in another way.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self(self.0.with("method", method.as_str()))
    }
}

/// Ends the call.
#[derive(Debug, Clone, Copy)]
pub struct Hangup;

/// Does not answer the call, which then costs nothing. Only the first verb may be this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reject {
    /// The caller hears that the number is not in service.
    Rejected,
    /// The caller hears that the line is busy.
    Busy,
}

/// Makes verbs of types that hold their element.
macro_rules! verbs {
    ($($name:ty),+) => {
        $(
            impl sealed::Sealed for $name {
                fn into_element(self) -> Element {
                    self.0
                }
            }
            impl Verb for $name {}
        )+
    };
}

verbs!(
    Say, Play, Pause, Gather, Redirect, Dial, Connect, Start, Stop
);

impl sealed::Sealed for Hangup {
    fn into_element(self) -> Element {
        Element::new("Hangup")
    }
}

impl Verb for Hangup {}

impl sealed::Sealed for Reject {
    fn into_element(self) -> Element {
        let reason = match self {
            Self::Rejected => "rejected",
            Self::Busy => "busy",
        };
        Element::new("Reject").with("reason", reason)
    }
}

impl Verb for Reject {}

#[cfg(test)]
mod tests;
