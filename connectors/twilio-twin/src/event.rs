//! What happened in a call, for tests to wait for and people to read.

use std::{fmt, time::Duration};

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Since the call began.
    pub at: Duration,
    /// What it was.
    pub what: What,
}

/// What happened in a call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// The call's status changed.
    Status(CallStatus),
    /// A document was asked for.
    WebhookSent {
        /// The address, as it was signed.
        url: String,
        /// The parameters.
        parameters: Vec<(String, String)>,
    },
    /// A document came.
    WebhookAnswered {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// From the request to the last byte.
        took: Duration,
        /// The document.
        body: String,
    },
    /// No document came.
    WebhookFailed {
        /// The address.
        url: String,
        /// Twilio's code for what was wrong.
        code: u16,
        /// From the request to the failure.
        took: Duration,
    },
    /// A verb of TwiML begins.
    Verb(String),
    /// Somebody used REST to put another document in the place of the running one.
    Updated,
    /// A media socket is being opened.
    StreamConnecting {
        /// Its identifier, `MZ…`.
        stream_sid: String,
        /// The address, as it was signed.
        url: String,
    },
    /// The media socket is open and `start` was sent.
    StreamStarted {
        /// Its identifier, `MZ…`.
        stream_sid: String,
    },
    /// The first sound came through the media socket.
    StreamSpoke {
        /// Its identifier, `MZ…`.
        stream_sid: String,
    },
    /// Sound left through a media socket for the first time in a tenth of a second.
    SoundLeft,
    /// Sound came through a media socket for the first time in a tenth of a second.
    SoundCame,
    /// Sound came too late to follow what was before it: the person missed a piece.
    Gap {
        /// How long there was nothing.
        length: Duration,
    },
    /// A mark came; it comes back when what is before it was played.
    MarkQueued {
        /// Its name.
        name: String,
        /// How much is to be played before it.
        buffered: Duration,
    },
    /// A mark went back.
    MarkPlayed {
        /// Its name.
        name: String,
        /// Whether it went back because of a `clear`, not because its sound was played.
        cleared: bool,
    },
    /// The buffer was emptied.
    Cleared {
        /// How much was in it.
        buffered: Duration,
        /// How many marks went back at once.
        marks: usize,
    },
    /// A media or relay socket is closed.
    SocketClosed {
        /// Who closed it.
        by: Closed,
        /// The code of the close frame, if there was one.
        code: Option<u16>,
    },
    /// Something that Twilio writes into its debugger.
    Warning {
        /// Twilio's code.
        code: u16,
        /// What is wrong.
        text: String,
    },
    /// The person pressed a key.
    Digit(char),
    /// `<Gather>` got what it waited for.
    Gathered {
        /// The keys.
        digits: String,
        /// The words, where it listened to speech.
        speech: Option<String>,
    },
    /// It is known who answered: `human`, `machine_start` and so on.
    AnsweredBy(String),
    /// A status callback went out.
    CallbackSent {
        /// Its number, from 0.
        sequence: u32,
        /// The status it tells.
        status: String,
    },
    /// A status callback was answered.
    CallbackAnswered {
        /// Its number, from 0.
        sequence: u32,
        /// The HTTP status; nothing when nobody answered.
        status: Option<u16>,
    },
    /// The call is over.
    Ended(Ended),
}

/// Who closed a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Twilio, because the call is over or does something else.
    Twin,
    /// The server, with a close frame.
    Server,
    /// The connection broke.
    Broken,
    /// The test, without a word to the server.
    Killed,
    /// It was never open.
    Refused,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The final status.
    pub status: CallStatus,
    /// Who or what ended it.
    pub reason: Reason,
    /// From the answer to the end; nothing when nobody answered.
    pub talked: Duration,
}

/// Who or what ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The person hung up.
    Person,
    /// The document said `<Hangup>`.
    Hangup,
    /// The document said `<Reject>`.
    Reject,
    /// The document was at its end.
    DocumentEnded,
    /// Somebody ended it by REST.
    Api,
    /// The webhook failed; the person heard an apology.
    ApplicationError,
    /// The person did not answer.
    NoAnswer,
    /// The person was in another call.
    Busy,
    /// The network refused the call.
    Failed,
    /// The media socket broke, and the twin was told to hang up then.
    SocketLost,
    /// The longest time that a call may take is over.
    TimeLimit,
    /// The twin stopped.
    Stopped,
}

/// The state of a call, in Twilio's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallStatus {
    /// Placed, not yet on its way.
    Queued,
    /// It rings.
    Ringing,
    /// The person answered.
    InProgress,
    /// It was answered and is over.
    Completed,
    /// The person was in another call.
    Busy,
    /// The network refused it.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// It was ended by REST before anybody answered.
    Canceled,
}

impl CallStatus {
    /// Returns the word that stands in webhooks and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// Returns whether nothing comes after it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Ringing | Self::InProgress)
    }
}

impl fmt::Display for CallStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
