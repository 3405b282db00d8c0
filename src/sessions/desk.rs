//! The loop that owns the book: takes requests, sends out errands, keeps the time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use room_contract::{BoxError, RoomName, Rooms, ServiceError};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::errand::{self, Errand, Outcome};
use super::handle::{Reply, Request};
use super::{
    Action, Agent, Attending, Book, EndReason, Opening, Serial, Session, SessionError, Sessions,
};
use crate::config::SessionLimits;
use crate::metrics::Metrics;

/// After the grace period: enough to close every room and let every agent say goodbye.
const LAST_ERRANDS: Duration = Duration::from_secs(5);

/// How the desk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Every session came to its own end.
    Completely,
    /// The grace period was over before these many sessions were.
    Cutting(usize),
}

/// Owns all sessions of this process.
pub struct Desk {
    book: Book,
    limits: SessionLimits,
    rooms: Arc<dyn Rooms>,
    agent: Option<Arc<dyn Agent>>,
    metrics: Metrics,
    inbox: mpsc::Receiver<Request>,
    /// At most one look and one opening per session and one closing per room are out at a time.
    errands: JoinSet<Outcome>,
    out: HashMap<Id, Errand>,
    attending: HashMap<Serial, CancellationToken>,
    openers: HashMap<Serial, Reply<Session>>,
    viewers: HashMap<RoomName, Vec<Reply<Session>>>,
    enders: HashMap<RoomName, Vec<Reply<()>>>,
}

impl Desk {
    /// Sets a desk up, and the handle to it. Without an agent no session gets one.
    #[must_use]
    pub fn new(
        limits: SessionLimits,
        rooms: Arc<dyn Rooms>,
        agent: Option<Arc<dyn Agent>>,
        metrics: Metrics,
    ) -> (Self, Sessions) {
        let (sessions, inbox) = Sessions::channel();
        let desk = Self {
            book: Book::new(limits),
            limits,
            rooms,
            agent,
            metrics,
            inbox,
            errands: JoinSet::new(),
            out: HashMap::new(),
            attending: HashMap::new(),
            openers: HashMap::new(),
            viewers: HashMap::new(),
            enders: HashMap::new(),
        };
        (desk, sessions)
    }

    /// Runs until `drain` is cancelled and no session is left, or `grace` is over.
    pub async fn run(mut self, drain: CancellationToken, grace: Duration) -> Drained {
        let mut stopping = Stopping::No;
        loop {
            self.perform_actions();
            if stopping.is_done(self.is_quiet()) {
                return stopping.result();
            }

            tokio::select! {
                biased; // stopping comes first, then news, then requests, then time
                () = drain.cancelled(), if stopping == Stopping::No => {
                    info!(sessions = self.book.sessions().count(), "draining");
                    self.book.drain(now());
                    stopping = Stopping::Draining { until: now() + grace };
                }
                Some(outcome) = self.errands.join_next_with_id() => self.handle_outcome(outcome),
                Some(request) = self.inbox.recv() => self.handle_request(request),
                () = at(self.book.deadline()) => self.book.handle_timeout(now()),
                () = at(stopping.deadline()) => stopping = self.give_up(stopping),
            }
        }
    }

    fn handle_request(&mut self, request: Request) {
        match request {
            Request::Open(opening, reply) => self.open(opening, reply),
            Request::Announce(room, reply) => {
                self.book.announce(now(), &room);
                answer(reply, self.session(&room));
            }
            Request::Look(room, reply) => {
                self.book.handle_hint(&room);
                match self.session(&room) {
                    Ok(_) => self.viewers.entry(room).or_default().push(reply),
                    Err(gone) => answer(reply, Err(gone)),
                }
            }
            Request::Find(id, reply) => {
                answer(
                    reply,
                    self.book
                        .session_by_id(&id)
                        .cloned()
                        .ok_or(SessionError::Gone),
                );
            }
            Request::List(reply) => answer(reply, Ok(self.book.sessions().cloned().collect())),
            Request::End(room, reply) => {
                if self.book.end(now(), &room, EndReason::Completed) {
                    self.enders.entry(room).or_default().push(reply);
                } else {
                    answer(reply, Err(SessionError::Gone));
                }
            }
            Request::Hint(room) => self.book.handle_hint(&room),
            Request::Appearance(room) => self.book.handle_appearance(now(), &room),
        }
    }

    fn open(&mut self, opening: Opening, reply: Reply<Session>) {
        let channel = opening.channel;
        match self.book.open(now(), opening) {
            Ok(serial) => {
                info!(channel = channel.name(), "a session began");
                self.metrics.session_opened(channel);
                self.openers.insert(serial, reply);
            }
            Err(error) => answer(reply, Err(error.into())),
        }
    }

    fn perform_actions(&mut self) {
        while let Some(action) = self.book.poll_action() {
            self.perform(action);
        }
    }

    fn perform(&mut self, action: Action) {
        let rooms = Arc::clone(&self.rooms);
        match action {
            Action::Open(serial, opening) => {
                let errand = Errand::Open(serial, opening.room.clone());
                self.send_out(
                    errand,
                    errand::open(rooms, opening, self.limits.empty_timeout),
                );
            }
            Action::Look(serial, room) => {
                self.send_out(
                    Errand::Look(serial, room.clone()),
                    errand::look(rooms, room),
                );
            }
            Action::Seat(serial, room) => self.seat_agent(serial, room),
            Action::Dismiss(serial) => {
                if let Some(leave) = self.attending.remove(&serial) {
                    leave.cancel();
                }
            }
            Action::Close(room) => {
                self.send_out(Errand::Close(room.clone()), errand::close(rooms, room));
            }
            Action::Report {
                channel,
                reason,
                lasted,
            } => {
                let (channel_name, reason_name) = (channel.name(), reason.name());
                info!(
                    channel = channel_name,
                    reason = reason_name,
                    session.seconds = lasted.as_secs(),
                    "a session ended"
                );
                self.metrics.session_ended(channel, reason, lasted);
            }
        }
    }

    fn seat_agent(&mut self, serial: Serial, room: RoomName) {
        let Some(agent) = self.agent.clone() else {
            return;
        };
        let leave = CancellationToken::new();
        self.attending.insert(serial, leave.clone());
        let attending = Attending {
            room: room.clone(),
            leave: leave.clone(),
        };
        self.send_out(
            Errand::Attend {
                serial,
                room,
                leave,
            },
            async move { Outcome::Left(agent.attend(attending).await) },
        );
    }

    fn send_out(&mut self, errand: Errand, task: impl Future<Output = Outcome> + Send + 'static) {
        let id = self.errands.spawn(task).id();
        self.out.insert(id, errand);
    }

    fn handle_outcome(&mut self, result: Result<(Id, Outcome), JoinError>) {
        let (id, outcome) = match result {
            Ok((id, outcome)) => (id, Some(outcome)),
            Err(failure) => {
                error!(panicked = failure.is_panic(), "an errand broke off");
                (failure.id(), None)
            }
        };
        let Some(errand) = self.out.remove(&id) else {
            return;
        };
        match errand {
            Errand::Open(serial, room) => self.handle_opened(serial, &room, outcome),
            Errand::Look(serial, room) => self.handle_seen(serial, room, outcome),
            Errand::Close(room) => self.handle_closed(&room, outcome),
            Errand::Attend {
                serial,
                room,
                leave,
            } => {
                self.handle_left((serial, leave), &room, outcome);
            }
        }
    }

    fn handle_opened(&mut self, serial: Serial, room: &RoomName, outcome: Option<Outcome>) {
        let result = match outcome {
            Some(Outcome::Opened(result)) => result,
            _ => Err(broke_off()),
        };
        let opener = self.openers.remove(&serial);
        match result {
            Ok(()) => {
                self.book.handle_opened(now(), room, serial);
                if let Some(reply) = opener {
                    answer(reply, self.session(room));
                }
            }
            Err(error) => {
                warn!(error = chain(&error), "LiveKit did not open a room");
                self.book.handle_open_failed(now(), room, serial);
                if let Some(reply) = opener {
                    answer(reply, Err(SessionError::LiveKit(Arc::new(error))));
                }
            }
        }
    }

    fn handle_seen(&mut self, serial: Serial, room: RoomName, outcome: Option<Outcome>) {
        let result = match outcome {
            Some(Outcome::Seen(result)) => result,
            _ => Err(broke_off()),
        };
        let failure = match result {
            Ok(people) => {
                self.book.handle_people(now(), &room, serial, people);
                None
            }
            Err(error) => {
                debug!(
                    error = chain(&error),
                    "LiveKit did not say who is in a room"
                );
                self.book.handle_look_failed(now(), &room, serial);
                Some(SessionError::LiveKit(Arc::new(error)))
            }
        };
        if self.book.session(&room).is_some_and(Session::is_looked_at) {
            return; // the answer may be stale, and the next look is under way
        }
        for viewer in self.viewers.remove(&room).into_iter().flatten() {
            answer(
                viewer,
                failure.clone().map_or_else(|| self.session(&room), Err),
            );
        }
    }

    fn handle_closed(&mut self, room: &RoomName, outcome: Option<Outcome>) {
        let result = match outcome {
            Some(Outcome::Closed(result)) => result,
            _ => Err(broke_off()),
        };
        self.book.handle_closed(now(), room);
        let result = result.map_err(|error| {
            error!(error = chain(&error), "a room could not be closed");
            SessionError::LiveKit(Arc::new(error))
        });
        for ender in self.enders.remove(room).into_iter().flatten() {
            answer(ender, result.clone());
        }
    }

    fn handle_left(
        &mut self,
        (serial, leave): (Serial, CancellationToken),
        room: &RoomName,
        outcome: Option<Outcome>,
    ) {
        if let Some(Outcome::Left(Err(error))) = &outcome {
            warn!(error = chain(&**error), "an agent failed");
        }
        if leave.is_cancelled() {
            return; // it was asked to
        }
        self.attending.remove(&serial);
        self.book.handle_agent_left(now(), room, serial);
    }

    fn give_up(&mut self, stopping: Stopping) -> Stopping {
        let until = now() + LAST_ERRANDS;
        match stopping {
            Stopping::No => Stopping::No,
            Stopping::Draining { .. } => {
                let cut = self.book.end_all(now(), EndReason::Timeout);
                if cut > 0 {
                    warn!(
                        sessions = cut,
                        "the grace period is over, sessions were cut off"
                    );
                }
                Stopping::GivingUp { cut, until }
            }
            Stopping::GivingUp { cut, .. } => {
                warn!(errands = self.errands.len(), "some rooms may not be closed");
                Stopping::Over { cut }
            }
            over @ Stopping::Over { .. } => over,
        }
    }

    fn is_quiet(&self) -> bool {
        self.book.is_empty() && self.errands.is_empty()
    }

    fn session(&self, room: &RoomName) -> Result<Session, SessionError> {
        self.book.session(room).cloned().ok_or(SessionError::Gone)
    }
}

/// How far the desk is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopping {
    No,
    Draining { until: Instant },
    GivingUp { cut: usize, until: Instant },
    Over { cut: usize },
}

impl Stopping {
    const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Draining { until } | Self::GivingUp { until, .. } => Some(until),
            Self::No | Self::Over { .. } => None,
        }
    }

    const fn is_done(self, quiet: bool) -> bool {
        match self {
            Self::No => false,
            Self::Draining { .. } | Self::GivingUp { .. } => quiet,
            Self::Over { .. } => true,
        }
    }

    const fn result(self) -> Drained {
        match self {
            Self::GivingUp { cut, .. } | Self::Over { cut } if cut > 0 => Drained::Cutting(cut),
            Self::No | Self::Draining { .. } | Self::GivingUp { .. } | Self::Over { .. } => {
                Drained::Completely
            }
        }
    }
}

/// The asker may have gone; then nobody needs the answer.
fn answer<T>(reply: Reply<T>, result: Result<T, SessionError>) {
    drop(reply.send(result));
}

fn broke_off() -> ServiceError {
    ServiceError::Unavailable(BoxError::from("the call broke off"))
}

fn chain(error: &dyn std::error::Error) -> String {
    crate::telemetry::chain(error)
}

/// The paused clock of a test governs the book as well.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
