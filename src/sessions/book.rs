//! All live sessions, and what has to be done about them. Holds no task, no socket, no clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use agent_session::Entrance;
use room_contract::{Identity, Participant, RoomName};

use super::closed::ClosedRooms;
use super::{
    Adoption, CallId, Channel, EndReason, Escalating, Opening, Serial, Session, Status, Switching,
};
use crate::config::SessionLimits;

/// What has to be done.
#[derive(Debug, Clone)]
pub enum Action {
    /// Open the LiveKit room (again, if LiveKit lost it).
    Open(Serial, Opening),
    /// Ask LiveKit who is in the room.
    Look(Serial, RoomName),
    /// Put an agent into the room.
    Seat(Serial, RoomName, Entrance),
    /// Ask the agent to leave.
    Dismiss(Serial),
    /// Switch the agent off; it stays and listens.
    Hush(Serial),
    /// Switch the agent on that stayed.
    Rouse(Serial),
    /// Put out an agent that nobody here looks after.
    Evict(RoomName, Identity),
    /// A session went on to another state.
    Moved(Serial, Status),
    /// Close the LiveKit room and put everybody out, since its session has ended for this reason; without one, since it
    /// has ended before.
    Close(RoomName, Option<EndReason>),
    /// A session is over: count it.
    Report {
        /// Which.
        serial: Serial,
        /// Where it began.
        channel: Channel,
        /// Why it ended.
        reason: EndReason,
        /// How long it lasted.
        lasted: Duration,
    },
}

/// Why a session cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The room is in use, or not closed yet: choose another name.
    #[error("the room is in use")]
    Taken,
    /// There are as many sessions as are allowed: try again later.
    #[error("there are as many sessions as this server takes")]
    Full,
    /// The server is stopping: try again at another one.
    #[error("the server is stopping and takes no new sessions")]
    Draining,
}

/// The book of live sessions. An ended one is struck out at once.
#[derive(Debug)]
pub struct Book {
    limits: SessionLimits,
    live: BTreeMap<RoomName, Session>,
    deadlines: BTreeSet<(Instant, RoomName)>,
    /// Names stay taken until LiveKit has let go of the room: a late closing must not hit a new one.
    closing: BTreeSet<RoomName>,
    closed: ClosedRooms,
    last_serial: u64,
    draining: bool,
    actions: VecDeque<Action>,
}

impl Book {
    /// Opens an empty book.
    #[must_use]
    pub fn new(limits: SessionLimits) -> Self {
        Self {
            limits,
            live: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            closing: BTreeSet::new(),
            closed: ClosedRooms::default(),
            last_serial: 0,
            draining: false,
            actions: VecDeque::new(),
        }
    }

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Says why not; nothing has changed then.
    pub fn open(&mut self, now: Instant, opening: Opening) -> Result<Serial, OpenError> {
        if self.draining {
            return Err(OpenError::Draining);
        }
        if self.live.contains_key(&opening.room) || self.closing.contains(&opening.room) {
            return Err(OpenError::Taken);
        }
        if self.live.len() + self.closing.len() >= self.limits.max {
            return Err(OpenError::Full);
        }

        self.last_serial += 1;
        let serial = Serial(self.last_serial);
        let room = opening.room.clone();
        self.closed.remove(&room);
        self.live.insert(
            room.clone(),
            Session::new(now, serial, opening, &self.limits),
        );
        self.settle(&room);
        Ok(serial)
    }

    /// Takes over a session that another process left behind; `None` when its room has another one.
    pub fn adopt(&mut self, now: Instant, adoption: Adoption) -> Option<Serial> {
        if self.live.contains_key(&adoption.opening.room) {
            return None;
        }
        self.last_serial += 1;
        let serial = Serial(self.last_serial);
        let room = adoption.opening.room.clone();
        self.live
            .insert(room.clone(), Session::adopted(now, serial, adoption));
        self.settle(&room);
        Some(serial)
    }

    /// Forgets a session that another server looks after, and nothing else: its room is left as it is. Returns which one
    /// it was.
    pub fn let_go(&mut self, call: &CallId) -> Option<Serial> {
        let session = self.session_by_call(call)?;
        let (serial, room, deadline) =
            (session.serial(), session.room().clone(), session.deadline());
        if let Some(at) = deadline {
            self.deadlines.remove(&(at, room.clone()));
        }
        self.live.remove(&room);
        Some(serial)
    }

    /// Switches the agent of a session on or off; answers whether there is a session.
    pub fn switch(&mut self, now: Instant, room: &RoomName, to: Switching) -> bool {
        self.with(room, None, |session, _| session.switch(now, to))
    }

    /// The LiveKit room of a session is there.
    pub fn handle_opened(&mut self, now: Instant, room: &RoomName, serial: Serial) {
        self.with(room, Some(serial), |session, _| session.handle_opened(now));
    }

    /// The LiveKit room could not be opened. A session that nobody has joined yet is over; one with callers
    /// waits for them to come back.
    pub fn handle_open_failed(&mut self, now: Instant, room: &RoomName, serial: Serial) {
        self.with(room, Some(serial), |session, _| {
            if session.is_waiting_for_callers() {
                session.end(now, EndReason::Error);
            }
        });
    }

    /// A caller is about to join.
    pub fn announce(&mut self, now: Instant, room: &RoomName) {
        self.with(room, None, |session, _| session.announce(now));
    }

    /// The telephone of the one for whom a session was opened rings.
    pub fn ring(&mut self, now: Instant, room: &RoomName) {
        self.with(room, None, |session, _| session.ring(now));
    }

    /// A human is being brought into a session, or that is over.
    pub fn escalate(&mut self, now: Instant, room: &RoomName, escalating: Escalating) {
        self.with(room, None, |session, _| match escalating {
            Escalating::Begun => session.escalate(now),
            Escalating::Settled => session.settle(now),
        });
    }

    /// LiveKit hinted that something changed in a room.
    pub fn handle_hint(&mut self, room: &RoomName) {
        self.with(room, None, |session, _| session.handle_hint());
    }

    /// LiveKit hinted that a room came to life. One that was closed a moment ago is closed again.
    pub fn handle_appearance(&mut self, now: Instant, room: &RoomName) {
        if self.live.contains_key(room) {
            self.handle_hint(room);
        } else if !self.closing.contains(room) && self.closed.contains(now, room) {
            self.close(room.clone());
        }
    }

    /// LiveKit said which rooms there are. Those that were closed a moment ago are closed again: nobody need have said
    /// that they came back.
    pub fn handle_rooms(&mut self, now: Instant, rooms: &[RoomName]) {
        for room in rooms {
            if !self.live.contains_key(room) {
                self.handle_appearance(now, room);
            }
        }
    }

    /// LiveKit said who is in a room; `None` when it does not know the room.
    pub fn handle_people(
        &mut self,
        now: Instant,
        room: &RoomName,
        serial: Serial,
        people: Option<Vec<Participant>>,
    ) {
        self.with(room, Some(serial), |session, limits| match people {
            Some(people) => session.handle_people(now, people, limits),
            None => session.handle_room_lost(now),
        });
    }

    /// LiveKit did not say who is in a room.
    pub fn handle_look_failed(&mut self, now: Instant, room: &RoomName, serial: Serial) {
        self.with(room, Some(serial), |session, _| {
            session.handle_look_failed(now)
        });
    }

    /// An agent is out although nobody asked it to leave.
    pub fn handle_agent_left(&mut self, now: Instant, room: &RoomName, serial: Serial) {
        self.with(room, Some(serial), |session, _| {
            session.handle_agent_left(now)
        });
    }

    /// An agent was put out while another server may have its session.
    pub fn handle_agent_put_out(&mut self, room: &RoomName, serial: Serial) {
        self.with(room, Some(serial), |session, _| {
            session.handle_agent_put_out();
        });
    }

    /// All sessions are this server's.
    pub fn handle_reassured(&mut self, now: Instant) {
        let rooms: Vec<_> = self.live.keys().cloned().collect();
        for room in rooms {
            self.with(&room, None, |session, _| session.handle_reassured(now));
        }
    }

    /// LiveKit has let go of a room.
    pub fn handle_closed(&mut self, now: Instant, room: &RoomName) {
        if self.closing.remove(room) {
            self.closed.add(now, room.clone());
        }
    }

    /// Another server has opened a room that was closed here.
    pub fn handle_used_elsewhere(&mut self, room: &RoomName) {
        self.closing.remove(room);
        self.closed.remove(room);
    }

    /// Ends a session; answers whether there was one.
    pub fn end(&mut self, now: Instant, room: &RoomName, reason: EndReason) -> bool {
        self.with(room, None, |session, _| session.end(now, reason))
    }

    /// Takes no more sessions, and ends those that nobody has joined.
    pub fn drain(&mut self, now: Instant) {
        self.draining = true;
        self.end_those(now, EndReason::Refused, Session::is_waiting_for_callers);
    }

    /// Ends every session; answers how many there were.
    pub fn end_all(&mut self, now: Instant, reason: EndReason) -> usize {
        let live = self.live.len();
        self.end_those(now, reason, |_| true);
        live
    }

    /// Returns the session of a room.
    #[must_use]
    pub fn session(&self, room: &RoomName) -> Option<&Session> {
        self.live.get(room)
    }

    /// Returns the session with this id.
    #[must_use]
    pub fn session_by_id(&self, id: &str) -> Option<&Session> {
        self.live
            .values()
            .find(|session| session.id().as_str() == id)
    }

    /// Returns the session that records know by this id.
    #[must_use]
    pub fn session_by_call(&self, call: &CallId) -> Option<&Session> {
        self.live.values().find(|session| session.call() == call)
    }

    /// Returns every live session, by room name.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.live.values()
    }

    /// Tells whether no session is live and no room is being closed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live.is_empty() && self.closing.is_empty()
    }

    /// Tells whether rooms may come back that were closed a moment ago.
    pub fn has_closed(&mut self, now: Instant) -> bool {
        !self.closed.is_empty(now)
    }

    /// Returns the next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Returns when [`handle_timeout`](Self::handle_timeout) wants to be called.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((_, room)) = self.deadlines.first().filter(|(at, _)| *at <= now).cloned() {
            self.with(&room, None, |session, _| session.handle_timeout(now));
        }
    }

    /// Lets `change` change the session of a room, and takes over what follows from it.
    fn with(
        &mut self,
        room: &RoomName,
        serial: Option<Serial>,
        change: impl FnOnce(&mut Session, &SessionLimits),
    ) -> bool {
        let Some(session) = self.live.get_mut(room) else {
            return false;
        };
        if serial.is_some_and(|serial| serial != session.serial()) {
            return false;
        }
        if let Some(at) = session.deadline() {
            self.deadlines.remove(&(at, room.clone()));
        }
        change(session, &self.limits);
        self.settle(room);
        true
    }

    fn settle(&mut self, room: &RoomName) {
        let Some(session) = self.live.get_mut(room) else {
            return;
        };
        while let Some(action) = session.poll_action() {
            if let Action::Close(room, _) = &action {
                self.closing.insert(room.clone());
            }
            self.actions.push_back(action);
        }
        if session.status().is_over() {
            self.live.remove(room);
        } else if let Some(at) = session.deadline() {
            self.deadlines.insert((at, room.clone()));
        }
    }

    fn close(&mut self, room: RoomName) {
        self.closing.insert(room.clone());
        self.actions.push_back(Action::Close(room, None));
    }

    fn end_those(&mut self, now: Instant, reason: EndReason, which: fn(&Session) -> bool) {
        let rooms: Vec<_> = self
            .live
            .values()
            .filter(|session| which(session))
            .map(|session| session.room().clone())
            .collect();
        for room in rooms {
            self.end(now, &room, reason);
        }
    }
}

#[cfg(test)]
mod tests;
