//! Who in a room in memory is told what.

use super::{Hall, Place, State};
use crate::{Attributes, DataPacket, Ended, Identity, RoomError, RoomEvent, memory::seat::Seat};

impl Hall {
    /// Hands a packet to its recipients.
    pub(in crate::memory) fn send(&self, from: Option<&Identity>, packet: &DataPacket) {
        let mut state = self.state.lock();
        self.tell_some(
            &mut state,
            |who| Some(who) != from && packet.to.include(who),
            |_| RoomEvent::Data {
                from: from.cloned(),
                payload: packet.payload.clone(),
                topic: packet.topic.clone(),
                delivery: packet.delivery,
            },
        );
    }

    /// Tells each of some others an event of their own.
    pub(in crate::memory) fn tell_each(
        &self,
        place: &Place,
        to: impl Fn(&Identity) -> bool,
        event: impl FnMut(&Seat) -> RoomEvent,
    ) {
        let mut state = self.state.lock();
        self.tell_some(&mut state, |who| *who != place.identity && to(who), event);
    }

    pub(in crate::memory) fn set_attributes(
        &self,
        place: &Place,
        changed: Attributes,
    ) -> Result<(), RoomError> {
        let mut state = self.state.lock();
        let seat = state.reachable(place)?;
        if !seat.grants.update_own_metadata {
            return Err(RoomError::Refused(
                "changing attributes is not granted".into(),
            ));
        }
        self.merge_attributes(&mut state, &place.identity, changed);
        Ok(())
    }

    /// Changes somebody's attributes from outside; says whether they are there.
    pub(in crate::memory) fn change_attributes(&self, who: &Identity, changed: Attributes) -> bool {
        self.merge_attributes(&mut self.state.lock(), who, changed)
    }

    pub(in crate::memory) fn set_metadata(
        &self,
        place: &Place,
        metadata: &str,
    ) -> Result<(), RoomError> {
        let mut state = self.state.lock();
        let seat = state.reachable(place)?;
        if !seat.grants.update_own_metadata {
            return Err(RoomError::Refused(
                "changing metadata is not granted".into(),
            ));
        }
        if seat.participant.metadata != metadata {
            metadata.clone_into(&mut seat.participant.metadata);
            let identity = place.identity.clone();
            self.tell_all(&mut state, || RoomEvent::MetadataChanged {
                identity: identity.clone(),
                metadata: metadata.to_owned(),
            });
        }
        Ok(())
    }

    fn merge_attributes(&self, state: &mut State, who: &Identity, changed: Attributes) -> bool {
        let Some(seat) = state.seats.get_mut(who) else {
            return false;
        };
        let present = &mut seat.participant.attributes;
        let mut real = Attributes::new();
        for (key, value) in changed {
            if present.get(&key).map_or("", String::as_str) == value {
                continue;
            }
            if value.is_empty() {
                present.remove(&key);
            } else {
                present.insert(key.clone(), value.clone());
            }
            real.insert(key, value);
        }
        if !real.is_empty() {
            self.tell_all(state, || RoomEvent::AttributesChanged {
                identity: who.clone(),
                changed: real.clone(),
            });
        }
        true
    }

    pub(super) fn tell_speakers(&self, state: &mut State, changed: Option<Vec<Identity>>) {
        if let Some(speakers) = changed {
            self.tell_all(state, || RoomEvent::ActiveSpeakers(speakers.clone()));
        }
    }

    pub(super) fn tell_all(&self, state: &mut State, event: impl Fn() -> RoomEvent) {
        self.tell_some(state, |_| true, |_| event());
    }

    pub(super) fn tell_others(
        &self,
        state: &mut State,
        but: &Identity,
        event: impl Fn() -> RoomEvent,
    ) {
        self.tell_some(state, |who| who != but, |_| event());
    }

    pub(super) fn tell_some(
        &self,
        state: &mut State,
        to: impl Fn(&Identity) -> bool,
        mut event: impl FnMut(&Seat) -> RoomEvent,
    ) {
        for (_, seat) in state.seats.iter_mut().filter(|(who, _)| to(who)) {
            let event = event(seat);
            seat.tell(event);
        }
        self.dismiss_overrun(state);
    }

    /// Ends the connections of those who do not keep up.
    pub(super) fn dismiss_overrun(&self, state: &mut State) {
        let overrun: Vec<_> = state
            .seats
            .values()
            .filter(|seat| seat.is_overrun())
            .collect();
        let overrun: Vec<_> = overrun
            .iter()
            .map(|seat| seat.participant.identity.clone())
            .collect();
        for who in overrun {
            self.dismiss(state, &who, Ended::Overrun);
        }
    }
}
