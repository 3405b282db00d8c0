//! Who sits where in a room in memory.

use super::{Place, State};
use crate::{
    Admission, Connection, Identity, JoinOptions, Participant, RoomError, RoomEvent, Subscriptions,
    Track, TrackId, event::EventSender, memory::seat::Seat,
};

impl State {
    pub(super) fn mine(&mut self, place: &Place) -> Option<&mut Seat> {
        self.seats
            .get_mut(&place.identity)
            .filter(|seat| seat.number == place.number)
    }

    pub(super) fn reachable(&mut self, place: &Place) -> Result<&mut Seat, RoomError> {
        let seat = self.mine(place).ok_or(RoomError::Gone)?;
        match seat.connection() {
            Connection::Connected => Ok(seat),
            Connection::Reconnecting => Err(RoomError::Unavailable("the connection is cut".into())),
            Connection::Ended => Err(RoomError::Gone),
        }
    }

    pub(super) fn track(&self, by: &Identity, id: &TrackId) -> Option<Track> {
        self.seats
            .get(by)?
            .participant
            .tracks
            .iter()
            .find(|track| track.id == *id)
            .cloned()
    }

    /// Gives somebody a seat: the others hear of them, they hear of the others.
    pub(super) fn seat(
        &mut self,
        admission: &Admission,
        options: JoinOptions,
        events: EventSender,
    ) -> Place {
        self.next_number += 1;
        let participant = Participant {
            identity: admission.identity.clone(),
            name: admission.name.clone(),
            kind: admission.kind,
            metadata: admission.metadata.clone(),
            attributes: admission.attributes.clone(),
            tracks: Vec::new(),
        };
        if !admission.grants.hidden {
            for seat in self.seats.values_mut() {
                seat.tell(RoomEvent::ParticipantJoined(participant.clone()));
            }
        }
        let subscriptions = Subscriptions::new(options.subscribing);
        let mut seat = Seat::new(
            self.next_number,
            participant,
            admission.grants,
            subscriptions,
            events,
        );
        for other in self.seats.values().filter(|other| !other.grants.hidden) {
            seat.greet(&other.participant);
        }
        let place = Place {
            identity: admission.identity.clone(),
            number: seat.number,
            gone: seat.gone.clone(),
        };
        self.seats.insert(admission.identity.clone(), seat);
        place
    }
}
