//! The handle on the exchange that everybody else holds.

use std::time::Duration;

use room_contract::{Attributes, RoomName, role};
use tokio::sync::{mpsc, oneshot};

use super::Ticket;
use crate::dial::Number;
use crate::escalation::GuestNews;
use crate::sessions::{Channel, Session};
use crate::store::Direction;
use crate::wiring::twilio::{AnsweredBy, CallSid, CallStatus, Opened, Party};

/// Requests that may wait. When full the asker is told that nothing works: Twilio asks again.
const CAPACITY: usize = 1024;

/// A call that has to be connected.
#[derive(Debug, Clone)]
pub(crate) struct Ringing {
    /// The call.
    pub(crate) call: CallSid,
    /// Where it came from.
    pub(crate) channel: Channel,
    /// Who called.
    pub(crate) direction: Direction,
    /// The number it comes from.
    pub(crate) from: Party,
    /// The number it goes to.
    pub(crate) to: Party,
    /// The profile that answers.
    pub(crate) profile: Option<String>,
    /// The room of somebody else's session that it goes into; a call of its own has its own.
    pub(crate) guest_of: Option<RoomName>,
    /// The name to show.
    pub(crate) name: Option<String>,
    /// What a guest shows in the room besides.
    pub(crate) shows: Attributes,
    /// Who is told what becomes of a guest.
    pub(crate) owner: Option<mpsc::Sender<GuestNews>>,
    /// What follows for that room when they do not come.
    pub(crate) absence: Absence,
    /// What the agent is told before anybody speaks.
    pub(crate) context: Option<String>,
    /// Whether a call that nobody knows is a new one.
    pub(crate) news: News,
    /// Whether the agent waits until it is known who picked up.
    pub(crate) pick_up: PickUp,
    /// How often it has come back after its connection was lost.
    pub(crate) returns: u32,
}

impl Ringing {
    /// Describes a call that we have placed: one of its own, with nothing but its numbers.
    pub(crate) fn placed(call: CallSid, from: &Number, to: &Number) -> Self {
        Self {
            call,
            channel: Channel::Phone,
            direction: Direction::Outbound,
            from: Party::Phone(from.e164().to_owned()),
            to: Party::Phone(to.e164().to_owned()),
            profile: None,
            guest_of: None,
            name: None,
            shows: Attributes::default(),
            owner: None,
            absence: Absence::Borne,
            context: None,
            news: News::Placed,
            pick_up: PickUp::AfterDetection,
            returns: 0,
        }
    }

    /// Tells whether it is a contact who is called in to help.
    pub(crate) fn is_contact(&self) -> bool {
        self.shows.get(role::ROLE).map(String::as_str) == Some(role::CONTACT)
    }

    /// Returns the number of the one who is not us.
    pub(super) fn other_number(&self) -> Option<Number> {
        number(match self.direction {
            Direction::Inbound => &self.from,
            Direction::Outbound => &self.to,
        })
    }
}

/// Returns the number of an end, if it has one.
pub(super) fn number(end: &Party) -> Option<Number> {
    Number::parse(end.number()?, None).ok()
}

/// Returns what a contact shows in the room.
pub(crate) fn shown_by_contact() -> Attributes {
    Attributes::from([(role::ROLE.to_owned(), role::CONTACT.to_owned())])
}

/// Whether a call is a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// It may be.
    New,
    /// It comes back, to a session that must still be there.
    Returning,
    /// We have placed it; nobody has picked up yet.
    Placed,
    /// Somebody of ours waits for it; of whom nobody knows, nobody waits any more.
    Expected,
}

/// What follows when somebody who was called into a room of others does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Absence {
    /// Nothing.
    Borne,
    /// The room was opened for them: it ends.
    EndsTheRoom,
    /// The agent says so to whoever is there.
    IsTold,
}

/// When somebody counts as there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PickUp {
    /// As soon as they are connected.
    AtOnce,
    /// Once detection says that it is no machine.
    AfterDetection,
}

/// Why a call cannot be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RingError {
    /// There are as many sessions as the server takes: call again later.
    #[error("there are as many sessions as this server takes")]
    Full,
    /// The server is stopping: call again in a minute.
    #[error("the server is stopping")]
    Draining,
    /// A part does not work: call again later.
    #[error("LiveKit or the exchange is not available")]
    Unavailable,
    /// Its session is over.
    #[error("the call is over")]
    Over,
}

pub(super) type Reply<T> = oneshot::Sender<T>;

/// A request to the exchange.
pub(super) enum Request {
    Ring(Ringing, Reply<Result<Ticket, RingError>>),
    Connect(Ticket, Opened),
    Moved(CallSid, CallStatus, Option<Duration>),
    Answered(CallSid, AnsweredBy),
    HangUp(CallSid, Reply<bool>),
    NumberBehind(CallSid, Reply<Option<Number>>),
    CallBack(Vec<Session>),
}

/// Asks the exchange for calls. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Telephone {
    requests: mpsc::Sender<Request>,
}

impl Telephone {
    pub(super) fn channel() -> (Self, mpsc::Receiver<Request>) {
        let (requests, inbox) = mpsc::channel(CAPACITY);
        (Self { requests }, inbox)
    }

    /// Has a call connected: opens its session, or finds it. Returns what its socket has to bring.
    pub(crate) async fn ring(&self, ringing: Ringing) -> Result<Ticket, RingError> {
        let answer = self.ask(|reply| Request::Ring(ringing, reply)).await;
        answer.unwrap_or(Err(RingError::Unavailable))
    }

    /// Hands over the sound of a call. Without a good ticket the socket is closed.
    pub(crate) fn connect(&self, ticket: Ticket, opened: Opened) {
        self.send(Request::Connect(ticket, opened));
    }

    /// Passes on how far a call is, and how long it was once it is over; returns whether it can be forgotten.
    pub(crate) fn moved(
        &self,
        call: CallSid,
        status: CallStatus,
        lasted: Option<Duration>,
    ) -> bool {
        self.send(Request::Moved(call, status, lasted))
    }

    /// Passes on who picked up; returns whether it can be forgotten.
    pub(crate) fn answered(&self, call: CallSid, by: AnsweredBy) -> bool {
        self.send(Request::Answered(call, by))
    }

    /// Ends a call; returns whether there is such a call.
    pub(crate) async fn hang_up(&self, call: CallSid) -> bool {
        let answer = self.ask(|reply| Request::HangUp(call, reply)).await;
        answer.unwrap_or(false)
    }

    /// Returns the number of whoever talks in a session that began with a call of this process, where it is told.
    pub(crate) async fn number_behind(&self, session: &str) -> Option<Number> {
        let prefix = format!("{}-", Channel::Phone.name());
        let call = CallSid::new(session.strip_prefix(&prefix)?).ok()?;
        let answer = self.ask(|reply| Request::NumberBehind(call, reply)).await;
        answer.flatten()
    }

    /// Has the callers of sessions come back that were taken over. When it is lost they come by themselves, a little later.
    pub(crate) fn call_back(&self, adopted: Vec<Session>) {
        self.send(Request::CallBack(adopted));
    }

    async fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        if !self.send(request(reply)) {
            return None;
        }
        answer.await.ok()
    }

    fn send(&self, request: Request) -> bool {
        self.requests.try_send(request).is_ok()
    }
}
