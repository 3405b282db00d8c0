//! Hands a call's sound to a socket.

use super::{Method, dial::parameter, element::Element, relay::ConversationRelay};

/// Hands the call over, both ways, until the socket ends. Then comes the action, or the next verb.
#[derive(Debug, Clone)]
pub struct Connect(pub(super) Element);

impl Connect {
    /// Hands over the sound.
    #[must_use]
    pub fn stream(stream: Stream) -> Self {
        Self(Element::new("Connect").child(stream.0))
    }

    /// Hands over the words.
    #[must_use]
    pub fn relay(relay: ConversationRelay) -> Self {
        Self(Element::new("Connect").child(relay.0))
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
}

/// Lets a socket listen while the call goes on with the next verb.
#[derive(Debug, Clone)]
pub struct Start(pub(super) Element);

impl Start {
    /// Lets it hear the caller, or the [`Track`] that the stream names.
    #[must_use]
    pub fn stream(stream: Stream) -> Self {
        Self(Element::new("Start").child(stream.0))
    }
}

/// Ends what a [`Start`] began.
#[derive(Debug, Clone)]
pub struct Stop(pub(super) Element);

impl Stop {
    /// Ends the stream of this name.
    #[must_use]
    pub fn stream(name: &str) -> Self {
        Self(Element::new("Stop").child(Element::new("Stream").with("name", name)))
    }
}

/// A media socket.
#[derive(Debug, Clone)]
pub struct Stream(Element);

/// What a listening socket hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// What comes from the call's other end.
    Inbound,
    /// What the call's other end hears.
    Outbound,
    /// Both, apart.
    Both,
}

impl Stream {
    /// Connects to a `wss` address without a query.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self(Element::new("Stream").with("url", url))
    }

    /// Is known by this name within the call.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self(self.0.with("name", name))
    }

    /// Hears something other than the inbound track; not within a [`Connect`].
    #[must_use]
    pub fn track(self, track: Track) -> Self {
        let track = match track {
            Track::Inbound => "inbound_track",
            Track::Outbound => "outbound_track",
            Track::Both => "both_tracks",
        };
        Self(self.0.with("track", track))
    }

    /// Tells a URL when it begins, stops or fails.
    #[must_use]
    pub fn status_callback(self, url: &str) -> Self {
        Self(self.0.with("statusCallback", url))
    }

    /// Hands over a value in the `start` message.
    #[must_use]
    pub fn parameter(self, name: &str, value: &str) -> Self {
        Self(self.0.child(parameter(name, value)))
    }
}
