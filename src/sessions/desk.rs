//! The loop that owns the book: takes requests, sends out errands, keeps the time.

mod agents;
mod outcomes;
mod records;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent_session::{Entrance, Switch};
use room_contract::{RoomName, Rooms};
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::errand::{self, Errand, Outcome};
use super::handle::{Reply, Request};
use super::line::Line;
use super::stopping::Stopping;
use super::{
    Action, Agent, Book, Drained, EndReason, Opening, Serial, Session, SessionError, Sessions,
};
use crate::clock::{at, now};
use crate::config::SessionLimits;
use crate::metrics::Metrics;
use crate::store::{CallRecord, Store};

/// After the grace period: enough to close every room and let every agent say goodbye.
const LAST_ERRANDS: Duration = Duration::from_secs(5);

/// Between a room's end and the look whether it has come back. LiveKit opens a room for whoever joins, and also when it
/// is told late to open one: after its closing, if that was quicker. Webhooks say so sooner, where there are any.
const AFTERWARDS: Duration = Duration::from_secs(30);

/// What a desk works with.
pub struct Furniture {
    /// Bounds of sessions.
    pub limits: SessionLimits,
    /// The room service.
    pub rooms: Arc<dyn Rooms>,
    /// Who attends rooms; without one no session gets an agent.
    pub agent: Option<Arc<dyn Agent>>,
    /// Where records go.
    pub store: Store,
    /// Where things are counted.
    pub metrics: Metrics,
}

/// Owns all sessions of this process.
pub struct Desk {
    book: Book,
    limits: SessionLimits,
    rooms: Arc<dyn Rooms>,
    agent: Option<Arc<dyn Agent>>,
    store: Store,
    metrics: Metrics,
    inbox: mpsc::Receiver<Request>,
    /// At most one look and one opening per session and one closing per room are out at a time.
    errands: JoinSet<Outcome>,
    out: HashMap<Id, Errand>,
    /// One for each live session.
    lines: HashMap<Serial, Line>,
    openers: HashMap<Serial, Reply<Session>>,
    viewers: HashMap<RoomName, Vec<Reply<Session>>>,
    enders: HashMap<RoomName, Vec<Reply<()>>>,
    /// When to look which rooms have come back.
    afterwards: Option<Instant>,
}

impl Desk {
    /// Sets a desk up, and the handle to it.
    #[must_use]
    pub fn new(furniture: Furniture) -> (Self, Sessions) {
        let (sessions, inbox) = Sessions::channel();
        let desk = Self {
            book: Book::new(furniture.limits),
            limits: furniture.limits,
            rooms: furniture.rooms,
            agent: furniture.agent,
            store: furniture.store,
            metrics: furniture.metrics,
            inbox,
            errands: JoinSet::new(),
            out: HashMap::new(),
            lines: HashMap::new(),
            openers: HashMap::new(),
            viewers: HashMap::new(),
            enders: HashMap::new(),
            afterwards: None,
        };
        (desk, sessions)
    }

    /// Takes over the sessions that another process left behind, and returns them.
    pub fn adopt(&mut self, left_behind: Vec<CallRecord>) -> Vec<Session> {
        let taken = left_behind
            .into_iter()
            .filter_map(|record| self.take_over(record));
        taken.collect()
    }

    /// Runs until `drain` is cancelled and no session is left, or `grace` is over.
    pub async fn run(mut self, drain: CancellationToken, grace: Duration) -> Drained {
        let mut stopping = Stopping::No;
        loop {
            // In every turn: time must not have to wait until nothing else happens.
            self.book.handle_timeout(now());
            self.perform_actions();
            if stopping.is_done(self.is_quiet()) {
                return stopping.result();
            }

            tokio::select! {
                biased; // stopping comes first, then news, then requests
                () = drain.cancelled(), if stopping == Stopping::No => {
                    info!(sessions = self.book.sessions().count(), "draining");
                    self.book.drain(now());
                    stopping = Stopping::Draining { until: now() + grace };
                }
                Some(outcome) = self.errands.join_next_with_id() => self.handle_outcome(outcome),
                Some(request) = self.inbox.recv() => self.handle_request(request),
                () = at(self.book.deadline()) => {}
                () = at(self.afterwards), if stopping == Stopping::No => {
                    self.afterwards = None;
                    self.send_out(Errand::List, errand::list(Arc::clone(&self.rooms)));
                }
                () = at(stopping.deadline()) => stopping = self.give_up(stopping),
            }
        }
    }

    fn handle_request(&mut self, request: Request) {
        match request {
            Request::Open(opening, reply) => self.open(&opening, reply),
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
            Request::FindRoom(room, reply) => answer(reply, self.session(&room)),
            Request::List(reply) => answer(reply, Ok(self.book.sessions().cloned().collect())),
            Request::Ring(room, reply) => {
                self.book.ring(now(), &room);
                answer(reply, self.session(&room));
            }
            Request::Escalate(room, escalating, reply) => {
                self.book.escalate(now(), &room, escalating);
                answer(reply, self.session(&room));
            }
            Request::End(room, reason, reply) => {
                if self.book.end(now(), &room, reason) {
                    self.enders.entry(room).or_default().push(reply);
                } else {
                    answer(reply, Err(SessionError::Gone));
                }
            }
            Request::Switch(room, to, reply) => answer(reply, self.switch(&room, to)),
            Request::Say(room, text, reply) => {
                answer(reply, self.tell_agent(&room, |talker| talker.say(text)));
            }
            Request::Note(room, text, reply) => {
                answer(reply, self.tell_agent(&room, |talker| talker.note(text)));
            }
            Request::Watch(id, reply) => answer(reply, self.watch(&id)),
            Request::Adopt(left_behind, reply) => answer(reply, Ok(self.adopt(left_behind))),
            Request::LetGo(calls) => {
                calls.iter().for_each(|call| self.let_go(call));
                self.book.handle_reassured(now());
            }
            Request::Hint(room) => self.book.handle_hint(&room),
            Request::Appearance(room) => self.book.handle_appearance(now(), &room),
        }
    }

    fn open(&mut self, opening: &Opening, reply: Reply<Session>) {
        if self.store.records().is_full() {
            // What would be said in it could not be kept.
            return answer(reply, Err(SessionError::Overloaded));
        }
        let channel = opening.channel;
        match self.book.open(now(), opening.clone()) {
            Ok(serial) => {
                self.record_opening(serial, opening);
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
            Action::Seat(serial, room, entrance) => self.seat_agent(serial, room, entrance),
            Action::Dismiss(serial) => {
                if let Some(line) = self.lines.get_mut(&serial) {
                    line.dismiss();
                }
            }
            Action::Hush(serial) => self.switch_in_place(serial, Switch::Off),
            Action::Rouse(serial) => self.switch_in_place(serial, Switch::On),
            Action::Evict(room, agent) => {
                self.send_out(Errand::Evict, errand::evict(rooms, room, agent));
            }
            Action::Moved(serial, status) => self.record_status(serial, status),
            Action::Close(room, why) => self.close(room, why),
            Action::Report {
                serial,
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
                self.lines.remove(&serial);
            }
        }
    }

    fn seat_agent(&mut self, serial: Serial, room: RoomName, entrance: Entrance) {
        let Some(agent) = self.agent.clone() else {
            return;
        };
        let Some((line, session)) = self.lines.get_mut(&serial).zip(self.book.session(&room))
        else {
            return;
        };
        let attending = line.seat(session, entrance);
        let errand = Errand::Attend {
            serial,
            room,
            leave: attending.leave.clone(),
        };
        self.send_out(errand, async move {
            Outcome::Left(agent.attend(attending).await)
        });
    }

    /// Closes a room. Whether nobody is there who should be is not for a server to tell whom others may have taken for
    /// gone; on purpose it ends what it has.
    fn close(&mut self, room: RoomName, why: Option<EndReason>) {
        let (rooms, name) = (Arc::clone(&self.rooms), room.clone());
        let errand = Errand::Close(room, why);
        match why {
            None if self.store.is_shared() => {
                let store = self.store.clone();
                self.send_out(errand, errand::close_again(rooms, store, name));
            }
            Some(EndReason::CallerLeft | EndReason::Timeout) if self.store.is_out_of_touch() => {
                self.send_out(errand, errand::close_if_deserted(rooms, name));
            }
            _ => self.send_out(errand, errand::close(rooms, name)),
        }
    }

    fn send_out(&mut self, errand: Errand, task: impl Future<Output = Outcome> + Send + 'static) {
        let id = self.errands.spawn(task).id();
        self.out.insert(id, errand);
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

/// The asker may have gone; then nobody needs the answer.
fn answer<T>(reply: Reply<T>, result: Result<T, SessionError>) {
    drop(reply.send(result));
}

#[cfg(test)]
mod tests;
