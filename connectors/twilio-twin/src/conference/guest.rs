//! Somebody in a conference.

use std::collections::VecDeque;

use super::waiting::{WaitDocument, Waiting};
use crate::{FRAME, core::Method};

/// Who is told of a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Telling {
    pub(crate) url: String,
    pub(crate) method: Method,
    /// Among start, end, join, leave, mute, hold, modify, announcement.
    pub(crate) events: Vec<String>,
}

/// What somebody wants of a conference, and may do in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    /// The name or the identifier of the conference.
    pub(crate) conference: String,
    /// Between two calls alone.
    pub(crate) is_private: bool,
    pub(crate) call_sid: String,
    pub(crate) label: Option<String>,
    pub(crate) muted: bool,
    pub(crate) hold: bool,
    pub(crate) start_on_enter: bool,
    pub(crate) end_on_exit: bool,
    /// The call that is coached: it alone hears this one.
    pub(crate) coaches: Option<String>,
    /// How many may be in the conference.
    pub(crate) most: usize,
    pub(crate) telling: Option<Telling>,
    /// Heard until the conference begins; silence where there is none.
    pub(crate) wait: Option<WaitDocument>,
}

/// Twilio's limit.
const MOST_MEMBERS: usize = 250;

impl Guest {
    pub(crate) fn new(conference: &str, call_sid: &str) -> Self {
        Self {
            conference: conference.to_owned(),
            is_private: false,
            call_sid: call_sid.to_owned(),
            label: None,
            muted: false,
            hold: false,
            start_on_enter: true,
            end_on_exit: false,
            coaches: None,
            most: MOST_MEMBERS,
            telling: None,
            wait: None,
        }
    }

    pub(super) const fn is_heard(&self) -> bool {
        !self.muted && !self.hold
    }

    pub(super) fn hears(&self, speaker: &Self) -> bool {
        !self.hold
            && speaker
                .coaches
                .as_ref()
                .is_none_or(|coached| *coached == self.call_sid)
    }

    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![
            ("CallSid", self.call_sid.clone()),
            ("Muted", self.muted.to_string()),
            ("Hold", self.hold.to_string()),
            ("Coaching", self.coaches.is_some().to_string()),
            ("StartConferenceOnEnter", self.start_on_enter.to_string()),
            ("EndConferenceOnExit", self.end_on_exit.to_string()),
        ];
        parameters.extend(self.label.clone().map(|label| ("ParticipantLabel", label)));
        parameters.extend(self.coaches.clone().map(|call| ("CallSidToCoach", call)));
        parameters
    }
}

/// What is changed of a member; what is nothing stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub(crate) muted: Option<bool>,
    pub(crate) hold: Option<bool>,
    pub(crate) end_on_exit: Option<bool>,
    pub(crate) coaches: Option<Option<String>>,
}

/// A guest who is in, and what they said lately.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) guest: Guest,
    pub(super) said: VecDeque<[u8; FRAME]>,
    pub(super) waiting: Waiting,
}

impl Member {
    pub(super) fn new(guest: Guest) -> Self {
        Self {
            waiting: Waiting::new(guest.wait.clone()),
            guest,
            said: VecDeque::new(),
        }
    }

    /// Returns the kinds and names of the events that a change comes to.
    pub(super) fn apply(&mut self, change: &Change) -> Vec<(&'static str, &'static str)> {
        let mut events = Vec::new();
        let guest = &mut self.guest;
        if let Some(muted) = change.muted.filter(|muted| *muted != guest.muted) {
            guest.muted = muted;
            events.push((
                "mute",
                if muted {
                    "participant-mute"
                } else {
                    "participant-unmute"
                },
            ));
        }
        if let Some(hold) = change.hold.filter(|hold| *hold != guest.hold) {
            guest.hold = hold;
            events.push((
                "hold",
                if hold {
                    "participant-hold"
                } else {
                    "participant-unhold"
                },
            ));
        }
        let before = (guest.end_on_exit, guest.coaches.clone());
        guest.end_on_exit = change.end_on_exit.unwrap_or(guest.end_on_exit);
        if let Some(coaches) = &change.coaches {
            guest.coaches.clone_from(coaches);
        }
        if before != (guest.end_on_exit, guest.coaches.clone()) {
            events.push(("modify", "participant-modify"));
        }
        events
    }
}
