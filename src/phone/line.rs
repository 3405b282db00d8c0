//! One call: opens its session, enters its room, and stays until one of them is over.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use room_contract::telephone::CALL_STATUS;
use room_contract::{Admission, Attributes, Identity, RoomName, Rooms};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span, warn};

use super::handle::Reply;
use super::{News, PickUp, RingError, Ringing, Ticket, Tongue, script};
use crate::config::{Phone, Profiles};
use crate::dial::{self, Number};
use crate::escalation::{Gone, GuestNews};
use crate::sessions::{
    self, AgentWish, CallId, EndReason, OpenError, Opening, SessionError, SessionId, Sessions,
    Status,
};
use crate::store::{Direction, LineNews, Store};
use crate::telemetry::chain;
use crate::wiring::twilio::{
    AnsweredBy, CallSid, CallStatus, Carrier, Leg, LegEnd, LegEvent, LegEvents, LegHandle,
    LegOptions, Opened, Party, Response,
};

/// LiveKit may just be starting again: a leg that is not let in tries so often.
const ATTEMPTS: u32 = 4;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(500);

/// Longer than a telephone rings; by then Twilio's news of it are lost.
const RINGS: Duration = Duration::from_secs(60);

/// What a telephone's participant says of itself, in the words of LiveKit's own.
const CALL_ID: &str = "sip.callID";
const CALL_NUMBER: &str = "sip.phoneNumber";

/// What every line works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Switchboard {
    /// The sessions.
    pub(crate) sessions: Sessions,
    /// The room service.
    pub(crate) rooms: Arc<dyn Rooms>,
    /// How calls are taken.
    pub(crate) settings: Arc<Phone>,
    /// Who answers.
    pub(crate) profiles: Arc<Profiles>,
    /// Whether there is an agent at all.
    pub(crate) agent: AgentWish,
    /// Where it is kept who called whom.
    pub(crate) store: Store,
    /// Ends calls and has them do something else.
    pub(crate) carrier: Arc<Carrier>,
}

/// Something that a line is told.
pub(super) enum Told {
    Socket(Opened),
    /// Twilio asks what to do: somebody has picked up.
    Asked,
    /// Sound flows.
    Started,
    /// How far the call is, and how long it was once it is over.
    Moved(CallStatus, Option<Duration>),
    Answered(AnsweredBy),
    HangUp,
}

/// A call.
pub(super) struct Line {
    switchboard: Switchboard,
    ringing: Ringing,
    inbox: mpsc::Receiver<Told>,
    /// The session of the room, once it is known.
    session: Option<SessionId>,
}

impl Line {
    pub(super) fn new(
        switchboard: Switchboard,
        ringing: Ringing,
        inbox: mpsc::Receiver<Told>,
    ) -> Self {
        Self {
            switchboard,
            ringing,
            inbox,
            session: None,
        }
    }

    /// Takes the call, answers with its ticket, and stays until it is over.
    pub(super) async fn run(self, ticket: Ticket, reply: Reply<Result<Ticket, RingError>>) {
        let span = info_span!("call", call.id = %self.ringing.call);
        self.stay(ticket, reply).instrument(span).await;
    }

    async fn stay(mut self, ticket: Ticket, reply: Reply<Result<Ticket, RingError>>) {
        let room = match self.open().await {
            Ok(room) => room,
            Err(why) => return drop(reply.send(Err(why))),
        };
        // Twilio may have hung up already; its callback says so.
        drop(reply.send(Ok(ticket)));
        let reason = match self.is_picked_up().await {
            Ok(()) => self.converse(&room).await,
            Err(reason) => Some(reason),
        };
        self.tell_owner(GuestNews::Gone(reason.map_or(Gone::HungUp, gone)));
        if let Some(reason) = reason {
            info!(reason = reason.name(), "a call is over");
            if self.ringing.guest_of.is_some() {
                // The session goes on without this guest.
                return;
            }
            // It may have ended by itself meanwhile.
            drop(self.switchboard.sessions.end_for(room, reason).await);
        }
    }

    /// Tells whoever called a guest what becomes of them.
    fn tell_owner(&self, news: GuestNews) {
        if let Some(owner) = &self.ringing.owner {
            // There is room for all that can happen to one guest.
            let _ = owner.try_send(news);
        }
    }

    /// Waits until somebody picks up a call that we have placed.
    async fn is_picked_up(&mut self) -> Result<(), EndReason> {
        if self.ringing.news != News::Placed {
            return Ok(());
        }
        let over = session_over(self.switchboard.sessions.clone(), self.session.clone());
        let waiting = async {
            while let Some(news) = self.inbox.recv().await {
                match news {
                    Told::Asked => return Ok(()),
                    Told::Moved(status, lasted) => {
                        self.end_for(status, lasted).map_or(Ok(()), Err)?;
                    }
                    Told::HangUp => return Err(EndReason::Completed),
                    Told::Socket(_) | Told::Started | Told::Answered(_) => {}
                }
            }
            Err(EndReason::Error)
        };
        let waiting = timeout(RINGS, waiting);
        let picked_up = tokio::select! {
            picked_up = waiting => picked_up.unwrap_or(Err(EndReason::NoAnswer)),
            () = over => Err(EndReason::Completed),
        };
        if matches!(picked_up, Err(EndReason::Completed | EndReason::NoAnswer)) {
            self.end_call().await;
        }
        picked_up
    }

    /// Returns why the call is over, if it is, and keeps it.
    fn end_for(&self, status: CallStatus, lasted: Option<Duration>) -> Option<EndReason> {
        let reason = final_reason(status)?;
        self.keep(LineNews::Over {
            reason: status.as_str().to_owned(),
            seconds: lasted.and_then(|lasted| lasted.as_secs().try_into().ok()),
        });
        Some(reason)
    }

    async fn converse(&mut self, room: &RoomName) -> Option<EndReason> {
        match self.enter(room).await {
            Ok((leg, handle, events)) => self.talk(room, leg, handle, events).await,
            Err(error) => {
                warn!(
                    error = format!("{error:#}"),
                    "a call cannot be brought into its room"
                );
                Some(EndReason::Error)
            }
        }
    }

    /// Returns the language of the few words that no agent says.
    fn tongue(&self) -> Tongue {
        let profile = self.ringing.profile.as_deref();
        Tongue::of_profile(&self.switchboard.profiles, profile)
    }

    async fn end_call(&self) {
        let carrier = &self.switchboard.carrier;
        if let Err(error) = carrier.end_call(&self.ringing.call).await {
            warn!(error = chain(&error), "a call may go on");
        }
    }

    /// Opens the session, or finds the one that there is.
    async fn open(&mut self) -> Result<RoomName, RingError> {
        let sessions = self.switchboard.sessions.clone();
        if let Some(room) = &self.ringing.guest_of {
            let session = sessions.find_room(room.clone()).await;
            let session = session.map_err(|error| refusal(&error))?;
            self.session = Some(session.id().clone());
            return Ok(room.clone());
        }
        let (channel, call) = (self.ringing.channel, self.ringing.call.as_str());
        let id = SessionId::of_call(channel, call);
        self.session = Some(id.clone());
        let room = RoomName::new(format!("twilio-{call}")).map_err(|_| RingError::Unavailable)?;
        if self.ringing.news == News::Returning {
            let session = sessions.find(id.as_str().to_owned()).await;
            return session.map(|_| room).map_err(|error| refusal(&error));
        }
        let opening = Opening {
            channel,
            id,
            call: CallId::random(),
            room: room.clone(),
            agent: self.switchboard.agent,
            profile: self.ringing.profile.clone(),
            metadata: String::new(),
            context: self.ringing.context.clone(),
            at: SystemTime::now(),
        };
        match sessions.open(opening).await {
            // Another process had it, or the webhook came again after a fault.
            Ok(_) | Err(SessionError::Open(OpenError::Taken)) => {
                drop(sessions.ring(room.clone()).await);
                self.keep_beginning();
                Ok(room)
            }
            Err(error) => Err(refusal(&error)),
        }
    }

    fn keep_beginning(&self) {
        let Ringing {
            direction,
            from,
            to,
            call,
            ..
        } = &self.ringing;
        self.keep(LineNews::Began {
            direction: *direction,
            from: number(from),
            to: number(to),
            call: dial::CallSid::new(call.as_str()),
        });
    }

    fn keep(&self, news: LineNews) {
        // Only the line that a session began with is told in its record.
        if let (Some(id), None) = (&self.session, &self.ringing.guest_of) {
            self.switchboard.store.tell_line(id.as_str(), news);
        }
    }

    /// Returns the number of the one who is not us.
    fn other_number(&self) -> Option<Number> {
        number(match self.ringing.direction {
            Direction::Inbound => &self.ringing.from,
            Direction::Outbound => &self.ringing.to,
        })
    }

    /// Enters the room as somebody whose telephone rings.
    async fn enter(&self, room: &RoomName) -> anyhow::Result<(Leg, LegHandle, LegEvents)> {
        let options = LegOptions {
            patience: Duration::from_millis(self.switchboard.settings.resume_ms.into()),
            ..LegOptions::new(self.ringing.call.clone())
        };
        let rooms = &*self.switchboard.rooms;
        let admission = self.admission(room);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let entered = match rooms.token(&admission) {
                Ok(token) => Leg::enter(rooms, &token, options.clone()).await,
                Err(error) => return Err(error.into()),
            };
            match entered {
                Err(error) if attempt < ATTEMPTS => {
                    warn!(error = chain(&error), "a call is not in its room yet");
                    sleep(PAUSE).await;
                }
                entered => return Ok(entered?),
            }
        }
    }

    fn admission(&self, room: &RoomName) -> Admission {
        let Ringing {
            call,
            channel,
            name,
            ..
        } = &self.ringing;
        let identity = Identity::new(format!("{}-{call}", channel.name()))
            .expect("a channel's name and an id are short and not empty");
        let mut attributes = Attributes::from(
            [
                ("channel", channel.name()),
                (CALL_STATUS, "ringing"),
                (CALL_ID, call.as_str()),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned())),
        );
        if let Some(number) = self.other_number() {
            // As it shows itself: the country and the last digits.
            attributes.insert(CALL_NUMBER.to_owned(), number.to_string());
        }
        attributes.extend(self.ringing.shows.clone());
        Admission {
            name: name.clone().unwrap_or_else(|| "Caller".to_owned()),
            attributes,
            ..Admission::person(room.clone(), identity)
        }
    }

    /// Stays on the line; returns why the session is to end, unless it has ended.
    async fn talk(
        &mut self,
        room: &RoomName,
        leg: Leg,
        handle: LegHandle,
        mut events: LegEvents,
    ) -> Option<EndReason> {
        let stop = CancellationToken::new();
        let mut over = std::pin::pin!(leg.run(stop.clone()));
        // The leg goes on meanwhile.
        let mut errands = JoinSet::new();
        let mut ended = None;
        loop {
            let news = tokio::select! {
                biased;
                end = &mut over => return ended.or_else(|| reason(end)),
                Some(event) = events.next() => match event {
                    LegEvent::Started { .. } => Told::Started,
                    _ => continue,
                },
                Some(news) = self.inbox.recv() => news,
                Some(_) = errands.join_next() => continue,
            };
            match self.handle(news) {
                Todo::Nothing => {}
                Todo::Attach(opened) => drop(errands.spawn(attach(handle.clone(), opened))),
                Todo::PickUp => {
                    self.tell_owner(GuestNews::PickedUp);
                    let sessions = self.switchboard.sessions.clone();
                    errands.spawn(pick_up(handle.clone(), sessions, room.clone()));
                }
                Todo::LeaveMessage(what) => {
                    let carrier = Arc::clone(&self.switchboard.carrier);
                    errands.spawn(leave_message(carrier, self.ringing.call.clone(), what));
                    ended.get_or_insert(EndReason::NoAnswer);
                }
                Todo::End(reason) => {
                    ended.get_or_insert(reason);
                    stop.cancel();
                }
            }
        }
    }

    /// Decides what follows from news.
    fn handle(&mut self, news: Told) -> Todo {
        match news {
            Told::Socket(opened) => Todo::Attach(opened),
            Told::Started if self.ringing.pick_up == PickUp::AtOnce => Todo::PickUp,
            Told::Started | Told::Asked => Todo::Nothing,
            Told::Moved(status, lasted) => {
                self.end_for(status, lasted).map_or(Todo::Nothing, Todo::End)
            }
            Told::Answered(by @ (AnsweredBy::Human | AnsweredBy::Unknown)) => {
                self.keep(LineNews::AnsweredBy(by.as_str().to_owned()));
                self.ringing.pick_up = PickUp::AtOnce;
                Todo::PickUp
            }
            Told::Answered(by) => {
                self.keep(LineNews::AnsweredBy(by.as_str().to_owned()));
                let message = self.switchboard.settings.voicemail.trim();
                let is_ours = self.ringing.owner.is_none();
                if is_ours && by.takes_messages() && !message.is_empty() {
                    Todo::LeaveMessage(script::leave_message(message, self.tongue()))
                } else {
                    Todo::End(EndReason::NoAnswer)
                }
            }
            Told::HangUp => Todo::End(EndReason::Completed),
        }
    }
}

/// What follows from news.
enum Todo {
    Nothing,
    Attach(Opened),
    PickUp,
    LeaveMessage(Response),
    End(EndReason),
}

async fn attach(leg: LegHandle, opened: Opened) {
    if let Err(error) = leg.attach(opened).await {
        info!(%error, "a media socket was closed");
    }
}

/// Waits until a session is over; for ever when it cannot be watched.
async fn session_over(sessions: Sessions, id: Option<SessionId>) {
    let Some(id) = id else {
        return std::future::pending().await;
    };
    let mut watch = match sessions.watch(id.as_str().to_owned()).await {
        Ok(watch) => watch,
        Err(SessionError::Gone | SessionError::Stopped) => return,
        Err(_) => return std::future::pending().await,
    };
    loop {
        match watch.events.recv().await {
            Ok(event) if !matches!(event.news, sessions::News::Status(Status::Ended(_))) => {}
            Err(RecvError::Lagged(_)) => {}
            Ok(_) | Err(RecvError::Closed) => return,
        }
    }
}

/// Twilio takes the call out of its room for it.
async fn leave_message(carrier: Arc<Carrier>, call: CallSid, what: Response) {
    if let Err(error) = carrier.redirect(&call, &what).await {
        warn!(
            error = format!("{error:#}"),
            "no message was left on a machine"
        );
    }
}

/// From here on the caller counts as there.
async fn pick_up(leg: LegHandle, sessions: Sessions, room: RoomName) {
    let active = (CALL_STATUS.to_owned(), "active".to_owned());
    leg.show(Attributes::from([active])).await;
    // The room service tells nobody of attributes. A hint that is lost costs the time until the next look.
    drop(sessions.hint(room));
}

fn refusal(error: &SessionError) -> RingError {
    match error {
        SessionError::Open(OpenError::Full) | SessionError::Overloaded => RingError::Full,
        SessionError::Open(OpenError::Draining) | SessionError::Stopped => RingError::Draining,
        SessionError::Gone => RingError::Over,
        _ => RingError::Unavailable,
    }
}

/// Returns what the end of a leg means for its session.
fn reason(end: LegEnd) -> Option<EndReason> {
    match end {
        LegEnd::CallOver | LegEnd::NoSocket | LegEnd::HungUp => Some(EndReason::CallerLeft),
        LegEnd::Refused(_) => Some(EndReason::Error),
        // Whoever stopped it, or closed the room, knows why.
        LegEnd::Stopped | LegEnd::Room(_) => None,
    }
}

/// Returns why a call with this status is over, if it is.
fn final_reason(status: CallStatus) -> Option<EndReason> {
    match status {
        CallStatus::Completed => Some(EndReason::CallerLeft),
        CallStatus::Busy => Some(EndReason::Busy),
        CallStatus::NoAnswer => Some(EndReason::NoAnswer),
        CallStatus::Failed => Some(EndReason::Failed),
        CallStatus::Canceled => Some(EndReason::Refused),
        CallStatus::Queued
        | CallStatus::Initiated
        | CallStatus::Ringing
        | CallStatus::InProgress => None,
    }
}

/// Returns what the end of a call means for whoever called a guest.
fn gone(reason: EndReason) -> Gone {
    match reason {
        EndReason::Busy => Gone::Busy,
        EndReason::NoAnswer | EndReason::Refused => Gone::NoAnswer,
        EndReason::Failed => Gone::Refused,
        EndReason::Completed | EndReason::CallerLeft | EndReason::Timeout | EndReason::Error => {
            Gone::HungUp
        }
    }
}

/// Returns the number of an end, if it has one.
fn number(end: &Party) -> Option<Number> {
    Number::parse(end.number()?, None).ok()
}
