//! One leg of an escalation, carried out: a call or an invitation, and who briefs it.

use std::collections::BTreeSet;

use room_contract::{Identity, Participant, TrackId};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::dial::Number;
use crate::invitation::Acceptance;

/// What is known of a leg.
#[derive(Default)]
pub(super) struct Line {
    /// The carrier's id of the call, once it is placed.
    pub(super) call: Option<String>,
    /// Who they are in the room.
    pub(super) identity: Option<Identity>,
    /// The circle they were called into.
    pub(super) circle: Option<String>,
    /// Whoever briefs them gets the last words by this.
    pub(super) farewell: Option<oneshot::Sender<String>>,
    /// Ends the briefer at once.
    pub(super) briefer: CancellationToken,
    /// A contact at the door, who comes in when the leg is admitted.
    pub(super) at_the_door: Option<Acceptance>,
    /// Ends the invitation, if it is one.
    pub(super) invited: CancellationToken,
    /// They were called by this number.
    pub(super) number: Option<Number>,
    /// Nobody wants the call any more, should it still come about.
    pub(super) unwanted: bool,
    /// They were seen in the room.
    pub(super) was_seen: bool,
    /// What a telephone publishes whose server is gone, once that was looked at: nobody is at it until there is more.
    pub(super) orphaned: Option<BTreeSet<TrackId>>,
}

impl Line {
    /// Gives whoever briefs the last words; returns whether there is such a one.
    pub(super) fn say_farewell(&mut self, words: &str) -> bool {
        let farewell = self.farewell.take();
        farewell.is_some_and(|farewell| farewell.send(words.to_owned()).is_ok())
    }

    /// Tells whether somebody in the room is at the other end, rather than what a dead server has left of them.
    pub(super) fn is_there(&mut self, one: &Participant) -> bool {
        if self.identity.as_ref() != Some(&one.identity) {
            return false;
        }
        let Some(left) = &mut self.orphaned else {
            return true;
        };
        let tracks: BTreeSet<TrackId> = one.tracks.iter().map(|track| track.id.clone()).collect();
        if left.is_empty() {
            left.clone_from(&tracks);
        }
        if tracks.is_subset(left) {
            return false;
        }
        self.orphaned = None;
        true
    }

    /// Tells whether they came by a link.
    pub(super) fn is_browser(&self) -> bool {
        self.call.is_none() && self.identity.is_some()
    }
}

#[cfg(test)]
mod tests {
    use room_contract::{Attributes, ParticipantKind, Track, TrackKind, TrackSource};

    use super::*;

    fn thomas(track: &str) -> Participant {
        Participant {
            identity: Identity::new("phone-1").expect("a name"),
            name: "Thomas".to_owned(),
            kind: ParticipantKind::Standard,
            metadata: String::new(),
            attributes: Attributes::default(),
            tracks: vec![Track {
                id: TrackId::new(track).expect("an id"),
                name: String::new(),
                kind: TrackKind::Audio,
                source: TrackSource::Microphone,
                muted: false,
            }],
        }
    }

    #[test]
    fn what_a_dead_server_has_left_of_a_telephone_is_nobody() {
        let mut line = Line {
            identity: Some(thomas("old").identity),
            orphaned: Some(BTreeSet::new()),
            ..Line::default()
        };

        let there = ["old", "old", "new", "new"].map(|track| line.is_there(&thomas(track)));

        assert_eq!(there, [false, false, true, true]);
    }
}
