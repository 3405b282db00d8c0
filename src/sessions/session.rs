//! One session: its state, who is in its room, and what has to be done about it.

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use room_contract::{Participant, ParticipantKind, Role, RoomName, role};

use super::presence::Presence;
use super::seat::{Move, Seat};
use super::sight::Sight;
use super::{Action, AgentWish, CallId, Channel, EndReason, SessionId, Status, Step, Switching};
use crate::config::SessionLimits;

/// A session that was taken over has a caller who waits: LiveKit is asked again soon.
const UNSEEN_PERIOD: Duration = Duration::from_millis(250);

/// Tells a session from an earlier one of the same room, so that late answers find no wrong address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(pub(super) u64);

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Where it begins.
    pub channel: Channel,
    /// Its id.
    pub id: SessionId,
    /// What records call it; unlike the id it is never used again.
    pub call: CallId,
    /// Its room.
    pub room: RoomName,
    /// Whether an agent is to take part.
    pub agent: AgentWish,
    /// Which one.
    pub profile: Option<String>,
    /// Free text for the LiveKit room.
    pub metadata: String,
    /// What the agent is told before anybody speaks, such as why it calls.
    pub context: Option<String>,
    /// The time of day.
    pub at: SystemTime,
}

/// A session that another process left behind.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// As it was opened.
    pub opening: Opening,
    /// Where it stood.
    pub status: Status,
    /// How long it has been going on.
    pub lasted: Duration,
}

/// Whether LiveKit has been asked who is in the room of a session that was taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sighting {
    Pending,
    Done,
}

/// A live session.
#[derive(Debug, Clone)]
pub struct Session {
    opening: Opening,
    serial: Serial,
    opened: Instant,
    status: Status,
    people: Vec<Participant>,
    presence: Presence,
    seat: Seat,
    sight: Sight,
    sighting: Sighting,
    actions: VecDeque<Action>,
}

impl Session {
    pub(super) fn new(
        now: Instant,
        serial: Serial,
        opening: Opening,
        limits: &SessionLimits,
    ) -> Self {
        let actions = VecDeque::from([Action::Open(serial, opening.clone())]);
        Self {
            serial,
            opened: now,
            status: Status::Created,
            people: Vec::new(),
            presence: Presence::expected(now, limits),
            seat: Seat::new(opening.agent),
            sight: Sight::new(now),
            sighting: Sighting::Done,
            opening,
            actions,
        }
    }

    /// Takes over a session: a first look decides whether it is still there.
    pub(super) fn adopted(now: Instant, serial: Serial, adoption: Adoption) -> Self {
        let mut session = Self {
            serial,
            opened: now.checked_sub(adoption.lasted).unwrap_or(now),
            // Whoever brings in a human begins anew.
            status: match adoption.status {
                Status::Escalating => Status::Active,
                status => status,
            },
            people: Vec::new(),
            presence: Presence::adopted(now),
            seat: Seat::new(adoption.opening.agent),
            sight: Sight::new(now),
            sighting: Sighting::Pending,
            opening: adoption.opening,
            actions: VecDeque::new(),
        };
        session.handle_hint();
        session
    }

    /// Returns the id.
    #[must_use]
    pub fn id(&self) -> &SessionId {
        &self.opening.id
    }

    /// Returns what records call the session.
    #[must_use]
    pub fn call(&self) -> &CallId {
        &self.opening.call
    }

    /// Returns the name of the agent's profile.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.opening.profile.as_deref()
    }

    /// Returns how it was opened.
    #[must_use]
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// Returns the room.
    #[must_use]
    pub fn room(&self) -> &RoomName {
        &self.opening.room
    }

    /// Returns where the session began.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.opening.channel
    }

    /// Returns when the session was opened.
    #[must_use]
    pub fn opened_at(&self) -> SystemTime {
        self.opening.at
    }

    /// Returns where the session stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Returns who is in the room, as LiveKit said last.
    #[must_use]
    pub fn people(&self) -> &[Participant] {
        &self.people
    }

    /// Returns the agent in the room, once it is there.
    #[must_use]
    pub fn agent(&self) -> Option<&Participant> {
        self.people
            .iter()
            .find(|one| role(one.kind, &one.identity) == Role::Agent)
    }

    /// Tells whether an agent is in the room or on its way.
    #[must_use]
    pub fn has_agent(&self) -> bool {
        self.seat.is_taken()
    }

    pub(super) fn serial(&self) -> Serial {
        self.serial
    }

    /// The LiveKit room is there.
    pub(super) fn handle_opened(&mut self, now: Instant) {
        if self.presence.is_expecting() {
            self.announce(now);
        }
    }

    /// Somebody is about to come.
    pub(super) fn announce(&mut self, now: Instant) {
        let step = self.seat.handle_announced(now);
        self.act(step);
    }

    /// Something may have changed in the room.
    pub(super) fn handle_hint(&mut self) {
        if self.sight.handle_hint() {
            self.look();
        }
    }

    /// LiveKit said who is in the room.
    pub(super) fn handle_people(
        &mut self,
        now: Instant,
        people: Vec<Participant>,
        limits: &SessionLimits,
    ) {
        self.people = people;
        if self.sighting == Sighting::Pending {
            self.sighting = Sighting::Done;
            self.evict_agents();
        }
        let callers = self.callers();
        if callers > 0 {
            self.step(now, Step::Connect);
        }
        self.presence = self.presence.seeing(now, callers, limits);
        let step = self.seat.handle_callers(now, callers);
        self.act(step);
        self.finish_look(now);
    }

    /// LiveKit does not know the room: it was restarted, or somebody else closed it.
    pub(super) fn handle_room_lost(&mut self, now: Instant) {
        self.people.clear();
        if self.sighting == Sighting::Pending {
            return self.end(now, EndReason::Error);
        }
        self.presence = self.presence.losing_the_room(now);
        let step = self.seat.handle_callers(now, 0);
        self.act(step);
        self.actions
            .push_back(Action::Open(self.serial, self.opening.clone()));
        self.finish_look(now);
    }

    /// LiveKit did not answer: what was known stays.
    pub(super) fn handle_look_failed(&mut self, now: Instant) {
        self.finish_look(now);
        if self.sighting == Sighting::Pending {
            self.sight.hurry(now + UNSEEN_PERIOD);
        }
    }

    /// Somebody switched the agent on or off.
    pub(super) fn switch(&mut self, now: Instant, to: Switching) {
        let step = self.seat.handle_switch(self.callers(), &to);
        self.act(step);
        let Switching::On { profile } = to else {
            self.opening.agent = AgentWish::Unwanted;
            return;
        };
        self.opening.agent = AgentWish::Wanted;
        if profile.is_none() || profile == self.opening.profile {
            return;
        }
        self.opening.profile = profile;
        let is_new = matches!(step, Some(Move::Seat(_)));
        if self.has_agent() && !is_new {
            // Another agent takes the place of the one that is there.
            let dismiss = self.seat.handle_end();
            self.act(dismiss);
            let on = Switching::On { profile: None };
            let seat = self.seat.handle_switch(self.callers(), &on);
            self.act(seat);
            if self.callers() == 0 {
                self.announce(now);
            }
        }
    }

    /// Tells whether a look at the room is under way.
    pub(super) fn is_looked_at(&self) -> bool {
        matches!(self.sight, Sight::Looking { .. })
    }

    /// The agent is out although nobody asked it to leave.
    pub(super) fn handle_agent_left(&mut self, now: Instant) {
        self.seat.handle_left(now);
    }

    /// The agent was put out while another server may have the session.
    pub(super) fn handle_agent_put_out(&mut self) {
        self.seat.handle_put_out();
    }

    /// The session is this server's.
    pub(super) fn handle_reassured(&mut self, now: Instant) {
        let step = self.seat.handle_reassured(now, self.callers());
        self.act(step);
    }

    /// A telephone call on which the session stands has moved on.
    pub(super) fn ring(&mut self, now: Instant) {
        self.step(now, Step::Ring);
    }

    /// A human is being brought in: until that is settled the session outlives its callers.
    pub(super) fn escalate(&mut self, now: Instant) {
        self.step(now, Step::Escalate);
    }

    /// That is over, with or without them.
    pub(super) fn settle(&mut self, now: Instant) {
        self.step(now, Step::Settle);
    }

    /// Ends the session.
    pub(super) fn end(&mut self, now: Instant, reason: EndReason) {
        self.step(now, Step::End(reason));
    }

    /// Tells whether nobody has come yet.
    pub(super) fn is_waiting_for_callers(&self) -> bool {
        self.presence.is_expecting()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let absence = self.presence.deadline();
        [
            absence.filter(|_| self.status != Status::Escalating),
            self.seat.deadline(),
            self.sight.deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Some(reason) = self.presence.verdict(now)
            && self.status != Status::Escalating
        {
            return self.end(now, reason);
        }
        let step = self.seat.handle_timeout(now, self.callers());
        self.act(step);
        if self.sight.handle_timeout(now) {
            self.look();
        }
    }

    pub(super) fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    fn callers(&self) -> usize {
        self.people.iter().filter(|one| one.is_there()).count()
    }

    /// An agent of the process before holds its place until LiveKit notices that it is gone.
    fn evict_agents(&mut self) {
        let (agents, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.people)
            .into_iter()
            .partition(|one| one.kind == ParticipantKind::Agent);
        self.people = others;
        for agent in agents {
            let evict = Action::Evict(self.room().clone(), agent.identity);
            self.actions.push_back(evict);
        }
    }

    fn finish_look(&mut self, now: Instant) {
        if self.sight.handle_seen(now) {
            self.look();
        }
    }

    fn look(&mut self) {
        self.actions
            .push_back(Action::Look(self.serial, self.room().clone()));
    }

    fn act(&mut self, step: Option<Move>) {
        let action = match step {
            Some(Move::Seat(entrance)) => Action::Seat(self.serial, self.room().clone(), entrance),
            Some(Move::Dismiss) => Action::Dismiss(self.serial),
            Some(Move::Hush) => Action::Hush(self.serial),
            Some(Move::Rouse) => Action::Rouse(self.serial),
            None => return,
        };
        self.actions.push_back(action);
    }

    fn step(&mut self, now: Instant, step: Step) {
        let Some(status) = self.status.after(step) else {
            return;
        };
        self.status = status;
        self.actions.push_back(Action::Moved(self.serial, status));
        if let Status::Ended(reason) = status {
            let dismiss = self.seat.handle_end();
            self.act(dismiss);
            let close = Action::Close(self.room().clone(), Some(reason));
            self.actions.push_back(close);
            self.actions.push_back(Action::Report {
                serial: self.serial,
                channel: self.channel(),
                reason,
                lasted: now.saturating_duration_since(self.opened),
            });
        }
    }
}
