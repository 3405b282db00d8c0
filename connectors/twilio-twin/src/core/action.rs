//! What goes into a call and what comes out of it.

use std::{collections::VecDeque, time::Duration};

use super::Leg;
use crate::{CallStatus, Closed, FRAME, What, conference::Guest, twiml::Element};

/// What a person does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Does {
    Say(Vec<i16>),
    Hush,
    Words(String),
    Press(String),
    HangUp,
    KillSockets,
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Input {
    Person(Does),
    Answer {
        fetch: u64,
        result: Result<Answer, Failure>,
    },
    Sound {
        fetch: u64,
        result: Result<Vec<u8>, Failure>,
    },
    Socket {
        socket: u64,
        news: SocketNews,
    },
    Update(Update),
    /// 20 ms of the meeting.
    Heard([u8; FRAME]),
    /// The call is out of its meeting.
    MeetingOver,
    /// A call that this one placed.
    Child {
        sid: String,
        news: ChildNews,
    },
    Stop,
}

/// What becomes of a call that another one placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildNews {
    /// It is in the meeting.
    Joined,
    Ended(CallStatus),
}

/// What a web server answered, with a good status.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
    pub(crate) took: Duration,
}

/// Why there is no answer, in Twilio's codes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: u16,
    pub(crate) text: String,
    pub(crate) took: Duration,
}

/// What happens to a socket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SocketNews {
    Open,
    Text(String),
    Binary,
    /// It was open once.
    Closed {
        by: Closed,
        code: Option<u16>,
    },
    /// It was never open; `code` is Twilio's.
    Refused {
        code: u16,
        text: String,
    },
}

/// What REST does to a running call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Update {
    Document(String),
    Fetch {
        url: String,
        method: Method,
    },
    HangUp,
    /// `<Start>` or `<Stop>`, which do not disturb what the call does.
    Verb(Element),
}

/// How a server is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    #[default]
    Post,
}

impl Method {
    /// Returns the method of an attribute or parameter; what is none of the two counts as POST.
    pub(crate) fn read(word: Option<&str>) -> Self {
        match word {
            Some(word) if word.eq_ignore_ascii_case("GET") => Self::Get,
            _ => Self::Post,
        }
    }
}

/// A request for a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fetch {
    pub(crate) fetch: u64,
    pub(crate) url: String,
    pub(crate) method: Method,
    pub(crate) parameters: Vec<(String, String)>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Log(What),
    Fetch(Fetch),
    FetchSound {
        fetch: u64,
        url: String,
    },
    OpenSocket {
        socket: u64,
        url: String,
    },
    /// A full socket makes the server slow, not the call: what does not fit is lost (31930).
    SendSocket {
        socket: u64,
        text: String,
        is_sound: bool,
    },
    CloseSocket {
        socket: u64,
        code: u16,
        reason: &'static str,
    },
    KillSockets,
    /// Lets the call into a conference.
    Meet(Box<Guest>),
    SayToMeeting([u8; FRAME]),
    LeaveMeeting,
    /// Places calls that are to meet this one.
    Dial(Vec<Leg>),
    /// Ends those of them that are not the one named.
    HangUpLegs {
        but: Option<String>,
    },
    /// Keeps what is said.
    Record(Element),
    /// Tells the call that placed this one that it is in the meeting.
    TellParent,
    /// Tells a server something and does not care for its answer.
    Tell {
        sequence: u32,
        status: String,
        callback: Fetch,
    },
}

/// Actions in the order in which they are to be done.
#[derive(Debug, Default)]
pub(crate) struct Outbox(VecDeque<Action>);

impl Outbox {
    pub(crate) fn push(&mut self, action: Action) {
        self.0.push_back(action);
    }

    pub(crate) fn poll(&mut self) -> Option<Action> {
        self.0.pop_front()
    }

    pub(crate) fn log(&mut self, what: What) {
        self.push(Action::Log(what));
    }

    pub(crate) fn warn(&mut self, code: u16, text: &str) {
        self.log(What::Warning {
            code,
            text: text.to_owned(),
        });
    }

    pub(crate) fn send(&mut self, socket: u64, text: String) {
        self.push(Action::SendSocket {
            socket,
            text,
            is_sound: false,
        });
    }

    pub(crate) fn send_sound(&mut self, socket: u64, text: String) {
        self.push(Action::SendSocket {
            socket,
            text,
            is_sound: true,
        });
    }

    pub(crate) fn close(&mut self, socket: u64) {
        self.close_with(socket, 1000, "");
    }

    pub(crate) fn close_with(&mut self, socket: u64, code: u16, reason: &'static str) {
        self.push(Action::CloseSocket {
            socket,
            code,
            reason,
        });
    }
}
