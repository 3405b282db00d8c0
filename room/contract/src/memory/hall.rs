//! One room in memory: who is in, what they publish, what each is told.

mod seating;
mod telling;
mod tracks;

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    hooks::{Hooks, seconds_since_1970},
    keeper::Occupancy,
    seat::Seat,
    speakers::Speakers,
};
use crate::{
    Admission, AudioFormat, Connection, Ended, Identity, JoinError, JoinOptions, NewRoom,
    Occurrence, Participant, RoomError, RoomEvent, RoomInfo, RoomName, TrackId, event::EventSender,
};

/// One room. Every method is short and none waits.
pub(super) struct Hall {
    room: NewRoom,
    created_at: u64,
    opened: Instant,
    hooks: Arc<Hooks>,
    /// Told whenever somebody came or went.
    pub(super) changed: Notify,
    pub(super) closed: CancellationToken,
    state: Mutex<State>,
}

/// Where somebody sits.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) identity: Identity,
    pub(super) number: u64,
    pub(super) gone: CancellationToken,
}

#[derive(Default)]
struct State {
    next_number: u64,
    seats: BTreeMap<Identity, Seat>,
    tracks: BTreeMap<TrackId, Published>,
    speakers: Speakers,
    /// When the last one who kept the room open left.
    left: Option<Instant>,
    over: Option<Ended>,
}

/// A track as whoever publishes it gets it.
pub(super) struct NewTrack {
    pub(super) id: TrackId,
    pub(super) format: AudioFormat,
    pub(super) subscribed: CancellationToken,
}

struct Published {
    by: Identity,
    format: AudioFormat,
    muted: bool,
    /// Cancelled when somebody receives it for the first time.
    subscribed: CancellationToken,
}

impl Hall {
    pub(super) fn new(room: NewRoom, hooks: Arc<Hooks>, closed: CancellationToken) -> Self {
        Self {
            room,
            created_at: seconds_since_1970(),
            opened: Instant::now(),
            hooks,
            changed: Notify::new(),
            closed,
            state: Mutex::new(State::default()),
        }
    }

    pub(super) fn name(&self) -> &RoomName {
        &self.room.name
    }

    pub(super) fn info(&self) -> RoomInfo {
        RoomInfo {
            name: self.room.name.clone(),
            id: format!("RM_{}_{:?}", self.room.name, self.opened),
            created_at_ms: self.created_at * 1000,
            metadata: self.room.metadata.clone(),
            participants: u32::try_from(self.state.lock().seats.len()).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn occupancy(&self) -> Occupancy {
        let state = self.state.lock();
        Occupancy {
            opened: self.opened,
            left: state.left,
            kept_open: state
                .seats
                .values()
                .any(|seat| seat.participant.kind.keeps_room_open()),
            empty_timeout: self.room.empty_timeout,
            departure_timeout: self.room.departure_timeout,
        }
    }

    pub(super) fn participants(&self) -> Vec<Participant> {
        self.state
            .lock()
            .seats
            .values()
            .map(|seat| seat.participant.clone())
            .collect()
    }

    /// Returns whom somebody sees.
    pub(super) fn others(&self, place: &Place) -> Vec<Participant> {
        let state = self.state.lock();
        let visible = state.seats.values().filter(|seat| !seat.grants.hidden);
        visible
            .filter(|seat| seat.number != place.number)
            .map(|seat| seat.participant.clone())
            .collect()
    }

    pub(super) fn enter(
        &self,
        admission: &Admission,
        options: JoinOptions,
        events: EventSender,
    ) -> Result<Place, JoinError> {
        let mut state = self.state.lock();
        if state.over.is_some() {
            return Err(JoinError::Unavailable("the room is closing".into()));
        }
        let twin = state.seats.contains_key(&admission.identity);
        if !twin && admission.kind.keeps_room_open() && self.is_full(&state) {
            return Err(JoinError::Full);
        }
        self.dismiss(&mut state, &admission.identity, Ended::ReplacedByTwin);
        let place = state.seat(admission, options, events);
        self.subscribe_listeners(&mut state);
        drop(state);
        self.changed.notify_one();
        let (identity, kind) = (admission.identity.clone(), admission.kind);
        self.hooks.tell(
            self.name(),
            Occurrence::ParticipantJoined { identity, kind },
        );
        Ok(place)
    }

    /// Ends somebody's connection; says whether they were there.
    pub(super) fn put_out(&self, who: &Identity, why: Ended) -> bool {
        let dismissed = self.dismiss(&mut self.state.lock(), who, why);
        self.changed.notify_one();
        dismissed
    }

    /// Ends a connection by the one who has it; a later twin is left in peace.
    pub(super) fn leave(&self, place: &Place, why: Ended) {
        let mut state = self.state.lock();
        if state.mine(place).is_some() {
            self.dismiss(&mut state, &place.identity, why);
        }
        drop(state);
        self.changed.notify_one();
    }

    pub(super) fn close(&self, why: Ended) {
        let mut state = self.state.lock();
        state.over = Some(why);
        // All go at once: nobody is told of the others' leaving.
        for (identity, mut seat) in std::mem::take(&mut state.seats) {
            seat.end(why);
            let kind = seat.participant.kind;
            self.hooks
                .tell(self.name(), Occurrence::ParticipantLeft { identity, kind });
        }
        state.tracks.clear();
        drop(state);
        self.closed.cancel();
    }

    pub(super) fn connection(&self, place: &Place) -> Connection {
        self.state
            .lock()
            .mine(place)
            .map_or(Connection::Ended, |seat| seat.connection())
    }

    pub(super) fn interrupt(&self, who: &Identity) {
        if let Some(seat) = self.state.lock().seats.get_mut(who) {
            seat.cut();
        }
    }

    pub(super) fn restore(&self, who: &Identity) {
        if let Some(seat) = self.state.lock().seats.get_mut(who) {
            seat.restore();
        }
    }

    /// Looks at one's own seat, if the connection stands and is not cut.
    pub(super) fn with_seat<T>(
        &self,
        place: &Place,
        look: impl FnOnce(&mut Seat) -> Result<T, RoomError>,
    ) -> Result<T, RoomError> {
        look(self.state.lock().reachable(place)?)
    }

    /// Looks at somebody's seat.
    pub(super) fn with_other<T>(&self, who: &Identity, look: impl FnOnce(&Seat) -> T) -> Option<T> {
        self.state.lock().seats.get(who).map(look)
    }

    fn is_full(&self, state: &State) -> bool {
        let inside = state
            .seats
            .values()
            .filter(|seat| seat.participant.kind.keeps_room_open())
            .count();
        self.room.max_participants > 0 && inside >= self.room.max_participants as usize
    }

    fn dismiss(&self, state: &mut State, who: &Identity, why: Ended) -> bool {
        let Some(mut seat) = state.seats.remove(who) else {
            return false;
        };
        seat.end(why);
        for track in &seat.participant.tracks {
            self.withdraw(state, who, &track.id);
        }
        let kind = seat.participant.kind;
        if kind.keeps_room_open() {
            state.left = Some(Instant::now());
        }
        let changed = state.speakers.silence(who);
        self.tell_speakers(state, changed);
        if !seat.grants.hidden {
            self.tell_all(state, || RoomEvent::ParticipantLeft(who.clone()));
        }
        let identity = who.clone();
        self.hooks
            .tell(self.name(), Occurrence::ParticipantLeft { identity, kind });
        true
    }
}
