//! Connects a call with others.

use std::time::Duration;

use super::{Method, element::Element};
use crate::sid::CallSid;

/// Calls numbers or clients, which ring together, or enters a conference.
#[derive(Debug, Clone)]
pub struct Dial(pub(super) Element);

impl Dial {
    /// Calls a number; more may follow.
    #[must_use]
    pub fn number(number: Number) -> Self {
        Self(Element::new("Dial").child(number.0))
    }

    /// Calls a client; more may follow.
    #[must_use]
    pub fn client(client: Client) -> Self {
        Self(Element::new("Dial").child(client.0))
    }

    /// Enters a conference.
    #[must_use]
    pub fn conference(conference: Conference) -> Self {
        Self(Element::new("Dial").child(conference.0))
    }

    /// Calls another number at the same time.
    #[must_use]
    pub fn or_number(self, number: Number) -> Self {
        Self(self.0.child(number.0))
    }

    /// Asks there what to do when it is over.
    #[must_use]
    pub fn action(self, url: &str) -> Self {
        Self(self.0.with("action", url))
    }

    /// Asks the action in another way.
    #[must_use]
    pub fn method(self, method: Method) -> Self {
        Self(self.0.with("method", method.as_str()))
    }

    /// Shows this number to who is called.
    #[must_use]
    pub fn caller_id(self, number: &str) -> Self {
        Self(self.0.with("callerId", number))
    }

    /// Rings for so long, in whole seconds.
    #[must_use]
    pub fn ring_for(self, timeout: Duration) -> Self {
        Self(self.0.with("timeout", timeout.as_secs().max(1).to_string()))
    }

    /// Ends after so long, in whole seconds.
    #[must_use]
    pub fn at_most(self, limit: Duration) -> Self {
        Self(self.0.with("timeLimit", limit.as_secs().max(1).to_string()))
    }

    /// Lets the caller hear it ring until it is answered.
    #[must_use]
    pub fn answer_on_bridge(self) -> Self {
        Self(self.0.with("answerOnBridge", "true"))
    }
}

/// A number to be called.
#[derive(Debug, Clone)]
pub struct Number(Element);

impl Number {
    /// Calls this number, in E.164.
    #[must_use]
    pub fn new(number: &str) -> Self {
        Self(Element::new("Number").text(number))
    }

    /// Carries out what this URL says to who answers, before both are connected.
    #[must_use]
    pub fn whisper(self, url: &str) -> Self {
        Self(self.0.with("url", url))
    }

    /// Presses these keys once it is answered.
    #[must_use]
    pub fn keys(self, keys: &str) -> Self {
        Self(self.0.with("sendDigits", keys))
    }

    /// Tells all that happens to a URL.
    #[must_use]
    pub fn status_callback(self, url: &str) -> Self {
        Self(told(self.0, url))
    }
}

/// A browser or an app with the Voice SDK, to be called.
#[derive(Debug, Clone)]
pub struct Client(Element);

impl Client {
    /// Calls this identity.
    #[must_use]
    pub fn new(identity: &str) -> Self {
        Self(Element::new("Client").child(Element::new("Identity").text(identity)))
    }

    /// Hands over a value that the app can read.
    #[must_use]
    pub fn parameter(self, name: &str, value: &str) -> Self {
        Self(self.0.child(parameter(name, value)))
    }

    /// Tells all that happens to a URL.
    #[must_use]
    pub fn status_callback(self, url: &str) -> Self {
        Self(told(self.0, url))
    }
}

/// Tells of every step of a call that is dialled.
fn told(element: Element, url: &str) -> Element {
    element.with("statusCallback", url).with(
        "statusCallbackEvent",
        "initiated ringing answered completed",
    )
}

pub(super) fn parameter(name: &str, value: &str) -> Element {
    Element::new("Parameter")
        .with("name", name)
        .with("value", value)
}

/// A conference to be entered; it is opened if there is none of that name.
#[derive(Debug, Clone)]
pub struct Conference(Element);

/// When a tone is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beep {
    /// When somebody comes or goes.
    Always,
    /// Never.
    Never,
    /// When somebody comes.
    OnEnter,
    /// When somebody goes.
    OnExit,
}

impl Conference {
    /// Enters the conference of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(Element::new("Conference").text(name))
    }

    /// Is known by this label there.
    #[must_use]
    pub fn label(self, label: &str) -> Self {
        Self(self.0.with("participantLabel", label))
    }

    /// Whether the conference begins now, or waits for somebody who begins it.
    #[must_use]
    pub fn starts(self, starts: bool) -> Self {
        Self(self.0.with("startConferenceOnEnter", starts.to_string()))
    }

    /// Whether it ends for all when this call leaves.
    #[must_use]
    pub fn ends_with_me(self, ends: bool) -> Self {
        Self(self.0.with("endConferenceOnExit", ends.to_string()))
    }

    /// Whether this call is only listening.
    #[must_use]
    pub fn muted(self, muted: bool) -> Self {
        Self(self.0.with("muted", muted.to_string()))
    }

    /// Changes when a tone is heard.
    #[must_use]
    pub fn beep(self, beep: Beep) -> Self {
        let beep = match beep {
            Beep::Always => "true",
            Beep::Never => "false",
            Beep::OnEnter => "onEnter",
            Beep::OnExit => "onExit",
        };
        Self(self.0.with("beep", beep))
    }

    /// Plays what a URL has to who waits; silence when it is empty.
    #[must_use]
    pub fn wait_url(self, url: &str) -> Self {
        Self(self.0.with("waitUrl", url))
    }

    /// Takes at most so many, 2 to 250.
    #[must_use]
    pub fn most(self, participants: u16) -> Self {
        Self(
            self.0
                .with("maxParticipants", participants.clamp(2, 250).to_string()),
        )
    }

    /// Is heard by this call alone.
    #[must_use]
    pub fn coach(self, whom: &CallSid) -> Self {
        Self(self.0.with("coach", whom.to_string()))
    }

    /// Tells who comes, goes, is muted or held, and of the beginning and the end.
    #[must_use]
    pub fn status_callback(self, url: &str) -> Self {
        let events = "start end join leave mute hold";
        Self(
            self.0
                .with("statusCallback", url)
                .with("statusCallbackEvent", events),
        )
    }
}
