//! Who was said to be in the room, and who is only missing. Pure: time is an argument.
//!
//! When the SDK builds a connection anew it first reports everybody as gone, then that it
//! reconnects, then everybody as arrived. A listener must not take that for people leaving, so
//! a departure without a reason is believed only when no reconnection follows.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use room_contract::{Identity, TrackId};

/// Longer than the SDK takes from the first departure to saying that it reconnects.
const DOUBT: Duration = Duration::from_millis(200);

/// Long enough for others who lost the same server to come back as well.
const GRACE: Duration = Duration::from_secs(5);

/// How somebody departed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Departure {
    /// The server gave a reason.
    Explained,
    /// Nobody gave one.
    Unexplained,
}

/// Whether somebody was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// The listener has to be told.
    First,
    /// They were missing, and the listener does not know.
    Return,
    /// They are there already.
    Known,
}

/// The people and tracks that the listener knows of.
#[derive(Default)]
pub(super) struct Roster {
    known: BTreeMap<Identity, Known>,
    reconnecting: bool,
}

#[derive(Default)]
struct Known {
    tracks: BTreeSet<TrackId>,
    presence: Presence,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Presence {
    #[default]
    Here,
    MissingUntil(Instant),
    /// Not judged before the connection stands again.
    Missing,
}

impl Roster {
    /// Notes an arrival.
    pub(super) fn arrive(&mut self, who: &Identity) -> Arrival {
        let Some(known) = self.known.get_mut(who) else {
            self.known.insert(who.clone(), Known::default());
            return Arrival::First;
        };
        match std::mem::replace(&mut known.presence, Presence::Here) {
            Presence::Here => Arrival::Known,
            Presence::Missing | Presence::MissingUntil(_) => Arrival::Return,
        }
    }

    /// Notes a track of somebody who arrived; says whether it is news.
    pub(super) fn publish(&mut self, who: &Identity, track: &TrackId) -> bool {
        self.known
            .get_mut(who)
            .is_some_and(|known| known.tracks.insert(track.clone()))
    }

    /// Tells whether a track is known.
    pub(super) fn has(&self, who: &Identity, track: &TrackId) -> bool {
        self.known
            .get(who)
            .is_some_and(|known| known.tracks.contains(track))
    }

    /// Forgets a track; says whether it was known.
    pub(super) fn unpublish(&mut self, who: &Identity, track: &TrackId) -> bool {
        self.known
            .get_mut(who)
            .is_some_and(|known| known.tracks.remove(track))
    }

    /// Notes a departure; says whether it is believed.
    pub(super) fn depart(&mut self, now: Instant, who: &Identity, how: Departure) -> bool {
        if how == Departure::Explained {
            return self.known.remove(who).is_some();
        }
        if let Some(known) = self.known.get_mut(who) {
            known.presence = match self.reconnecting {
                true => Presence::Missing,
                false => Presence::MissingUntil(now + DOUBT),
            };
        }
        false
    }

    pub(super) fn reconnecting(&mut self) {
        self.reconnecting = true;
        for missing in self.missing() {
            *missing = Presence::Missing;
        }
    }

    pub(super) fn reconnected(&mut self, now: Instant) {
        self.reconnecting = false;
        for missing in self.missing() {
            *missing = Presence::MissingUntil(now + GRACE);
        }
    }

    /// Returns when the next missing one is given up.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let presences = self.known.values().map(|known| known.presence);
        presences
            .filter_map(|presence| match presence {
                Presence::MissingUntil(until) => Some(until),
                Presence::Here | Presence::Missing => None,
            })
            .min()
    }

    /// Returns who is given up.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Identity> {
        let given_up = |known: &Known| match known.presence {
            Presence::MissingUntil(until) => now >= until,
            Presence::Here | Presence::Missing => false,
        };
        let gone = self.known.extract_if(.., |_, known| given_up(known));
        gone.map(|(who, _)| who).collect()
    }

    fn missing(&mut self) -> impl Iterator<Item = &mut Presence> {
        let presences = self.known.values_mut().map(|known| &mut known.presence);
        presences.filter(|presence| **presence != Presence::Here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Identity {
        Identity::new("ann").expect("a name")
    }

    #[test]
    fn an_explained_departure_is_believed_at_once() {
        let mut roster = Roster::default();
        assert_eq!(roster.arrive(&ann()), Arrival::First);

        assert!(roster.depart(Instant::now(), &ann(), Departure::Explained));

        assert_eq!(
            roster.arrive(&ann()),
            Arrival::First,
            "coming again is news"
        );
    }

    #[test]
    fn an_unexplained_departure_is_believed_after_a_moment() {
        let (mut roster, now) = (Roster::default(), Instant::now());
        roster.arrive(&ann());

        assert!(!roster.depart(now, &ann(), Departure::Unexplained));

        assert_eq!(roster.deadline(), Some(now + DOUBT));
        assert_eq!(roster.handle_timeout(now), []);
        assert_eq!(roster.handle_timeout(now + DOUBT), [ann()]);
        assert_eq!(roster.deadline(), None);
    }

    #[test]
    fn one_who_comes_back_with_the_connection_never_left() {
        let (mut roster, now) = (Roster::default(), Instant::now());
        roster.arrive(&ann());

        roster.depart(now, &ann(), Departure::Unexplained);
        roster.reconnecting();
        assert_eq!(roster.handle_timeout(now + DOUBT * 100), []);
        roster.reconnected(now);
        assert_eq!(roster.arrive(&ann()), Arrival::Return);
        assert_eq!(roster.arrive(&ann()), Arrival::Known);

        assert_eq!(roster.handle_timeout(now + GRACE), []);
    }

    #[test]
    fn one_who_does_not_come_back_with_the_connection_has_left() {
        let (mut roster, now) = (Roster::default(), Instant::now());
        roster.arrive(&ann());

        roster.depart(now, &ann(), Departure::Unexplained);
        roster.reconnecting();
        roster.reconnected(now);

        assert_eq!(roster.deadline(), Some(now + GRACE));
        assert_eq!(roster.handle_timeout(now + GRACE), [ann()]);
    }

    #[test]
    fn a_track_is_news_once() {
        let (mut roster, track) = (Roster::default(), TrackId::new("TR_1").expect("an id"));
        assert!(!roster.publish(&ann(), &track), "nobody published it");
        roster.arrive(&ann());

        assert!(roster.publish(&ann(), &track));
        assert!(!roster.publish(&ann(), &track));
        assert!(roster.unpublish(&ann(), &track));
        assert!(!roster.unpublish(&ann(), &track));
    }
}
