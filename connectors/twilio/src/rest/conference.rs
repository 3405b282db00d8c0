//! Conferences and who is in them.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer};

use super::{RestClient, RestError, call::told, fields::Fields};
use crate::sid::{CallSid, ConferenceSid};

/// A conference as Twilio knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Conference {
    /// Its id.
    pub sid: ConferenceSid,
    /// The name it was opened with, if Twilio says it.
    #[serde(rename = "friendly_name")]
    pub name: Option<String>,
    /// How far it is.
    #[serde(rename = "status")]
    pub state: ConferenceState,
}

/// How far a conference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConferenceState {
    /// Nobody has started it.
    Init,
    /// It runs.
    InProgress,
    /// It is over.
    Completed,
}

/// Somebody in a conference.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Participant {
    /// Their call.
    #[serde(rename = "call_sid")]
    pub call: CallSid,
    /// The conference.
    #[serde(rename = "conference_sid")]
    pub conference: ConferenceSid,
    /// The label they were added with.
    pub label: Option<String>,
    /// Whether they cannot be heard.
    #[serde(default, deserialize_with = "or_not")]
    pub muted: bool,
    /// Whether they can neither hear nor be heard.
    #[serde(default, deserialize_with = "or_not")]
    pub hold: bool,
    /// How far they are.
    #[serde(rename = "status")]
    pub state: ParticipantState,
}

/// Reads what may be `null`.
fn or_not<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// How far a participant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParticipantState {
    /// Waits to be dialled.
    Queued,
    /// Is being connected.
    Connecting,
    /// Rings.
    Ringing,
    /// Is in.
    Connected,
    /// Is out.
    Complete,
    /// Never came in.
    Failed,
}

/// Somebody to be called into a conference.
#[derive(Clone, Default)]
pub struct NewParticipant {
    /// Whom to call; `app:` and an application's id is whoever its voice URL says.
    pub to: String,
    /// Which number is shown.
    pub from: String,
    /// A name for them, unique there, at most 128 characters.
    pub label: Option<String>,
    /// How long it rings; a minute when not said.
    pub ring_for: Option<Duration>,
    /// Whether the conference ends when they leave; it goes on when not said.
    pub ends_with_them: Option<bool>,
    /// Whether a tone is heard when they come and go; it is when not said.
    pub beep: Option<bool>,
    /// What plays while they wait for it to start.
    pub wait_url: Option<String>,
    /// Where each step of their call is told.
    pub status_callback: Option<String>,
    /// Where it is told who comes and goes; only the first participant's counts.
    pub conference_callback: Option<String>,
}

impl NewParticipant {
    fn fields(&self) -> Fields {
        let fields = Fields::default()
            .with("To", &self.to)
            .with("From", &self.from)
            .maybe("Label", self.label.as_ref())
            .seconds("Timeout", self.ring_for)
            .yes("EndConferenceOnExit", self.ends_with_them)
            .yes("Beep", self.beep)
            .maybe("WaitUrl", self.wait_url.as_ref())
            .maybe(
                "ConferenceStatusCallback",
                self.conference_callback.as_ref(),
            );
        let events: &[&str] = match self.conference_callback {
            Some(_) => &["start", "end", "join", "leave"],
            None => &[],
        };
        let fields = fields.each("ConferenceStatusCallbackEvent", events);
        told(fields, self.status_callback.as_deref())
    }
}

#[derive(Deserialize)]
struct Conferences {
    conferences: Vec<Conference>,
}

#[derive(Deserialize)]
struct Participants {
    participants: Vec<Participant>,
}

impl RestClient {
    /// Returns the conferences of a name that run.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn conferences(&self, name: &str) -> Result<Vec<Conference>, RestError> {
        let query = Fields::default()
            .with("FriendlyName", name)
            .with("Status", "in-progress");
        let page: Conferences = self.send(self.get(&["Conferences"], &query)).await?;
        Ok(page.conferences)
    }

    /// Returns the conferences of a name that are not over: they run, or somebody waits in them.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn open_conferences(&self, name: &str) -> Result<Vec<Conference>, RestError> {
        let query = Fields::default().with("FriendlyName", name);
        let page: Conferences = self.send(self.get(&["Conferences"], &query)).await?;
        let is_open = |one: &Conference| one.state != ConferenceState::Completed;
        Ok(page.conferences.into_iter().filter(is_open).collect())
    }

    /// Ends a conference for all.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when there was nothing to end.
    pub async fn end_conference(
        &self,
        conference: &ConferenceSid,
    ) -> Result<Conference, RestError> {
        let fields = Fields::default().with("Status", "completed");
        self.send(self.update(&["Conferences", conference.as_str()], &fields))
            .await
    }

    /// Plays what a URL says to everybody in a conference.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn announce(
        &self,
        conference: &ConferenceSid,
        url: &str,
    ) -> Result<Conference, RestError> {
        let fields = Fields::default().with("AnnounceUrl", url);
        self.send(self.create(&["Conferences", conference.as_str()], &fields))
            .await
    }

    /// Calls somebody into the conference of a name or an id; one that does not exist is opened, by its name only.
    ///
    /// # Errors
    /// [`RestError`]; after [`RestError::OutcomeUnknown`] the phone may be ringing.
    pub async fn add_participant(
        &self,
        conference: &str,
        participant: &NewParticipant,
    ) -> Result<Participant, RestError> {
        let path = ["Conferences", conference, "Participants"];
        self.send(self.create(&path, &participant.fields())).await
    }

    /// Returns who is in a conference.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn participants(
        &self,
        conference: &ConferenceSid,
    ) -> Result<Vec<Participant>, RestError> {
        let path = ["Conferences", conference.as_str(), "Participants"];
        let page: Participants = self.send(self.get(&path, &Fields::default())).await?;
        Ok(page.participants)
    }

    /// Silences somebody in a conference, or lets them be heard again.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when they are not there.
    pub async fn mute_participant(
        &self,
        conference: &ConferenceSid,
        call: &CallSid,
        muted: bool,
    ) -> Result<Participant, RestError> {
        let path = [
            "Conferences",
            conference.as_str(),
            "Participants",
            call.as_str(),
        ];
        let fields = Fields::default().yes("Muted", Some(muted));
        self.send(self.update(&path, &fields)).await
    }

    /// Puts somebody on hold, or takes them back.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when they are not there.
    pub async fn hold_participant(
        &self,
        conference: &ConferenceSid,
        call: &CallSid,
        hold: bool,
    ) -> Result<Participant, RestError> {
        let path = [
            "Conferences",
            conference.as_str(),
            "Participants",
            call.as_str(),
        ];
        let fields = Fields::default().yes("Hold", Some(hold));
        self.send(self.update(&path, &fields)).await
    }

    /// Puts somebody out, which ends their call.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when they are not there.
    pub async fn remove_participant(
        &self,
        conference: &ConferenceSid,
        call: &CallSid,
    ) -> Result<(), RestError> {
        let path = [
            "Conferences",
            conference.as_str(),
            "Participants",
            call.as_str(),
        ];
        self.send_silently(self.delete(&path)).await
    }
}

impl fmt::Debug for NewParticipant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewParticipant").finish_non_exhaustive()
    }
}
