//! Calls: placed, read, redirected, ended.

use std::{fmt, time::Duration};

use serde::Deserialize;
use time::{
    Date, OffsetDateTime, format_description::well_known::Rfc2822, macros::format_description,
};

use super::{RestClient, RestError, fields::Fields};
use crate::{
    party::Party,
    sid::CallSid,
    webhook::{AnsweredBy, CallStatus, Direction},
};

/// How many calls [`RestClient::calls_to`] returns at the most.
const PAGE: &str = "100";

/// A call to be placed.
#[derive(Clone)]
pub struct NewCall {
    /// Whom to call: a number in E.164, `client:…`, `sip:…`.
    pub to: String,
    /// Which number is shown: one of the account's.
    pub from: String,
    /// What the call does once it is answered.
    pub instructions: Instructions,
    /// How long it rings; a minute when not said.
    pub ring_for: Option<Duration>,
    /// How long it lasts at the most; four hours when not said.
    pub at_most: Option<Duration>,
    /// Where each of its steps is told.
    pub status_callback: Option<String>,
    /// Whether and how a machine is told from a person.
    pub machine_detection: Option<MachineDetection>,
}

/// What a call does once it is answered.
#[derive(Clone)]
pub enum Instructions {
    /// It asks there, by POST.
    Url(String),
    /// It does this: an answer's [`to_inline`](crate::twiml::Response::to_inline).
    Twiml(String),
}

/// How a machine is told from a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MachineDetection {
    /// The call waits until it is known, and its first request for `TwiML` says it.
    Waits,
    /// As before, and of a machine it waits for the end of the greeting.
    WaitsForTheEnd,
    /// The call goes on, and this URL is told.
    Beside(String),
    /// As before, at the end of a machine's greeting.
    BesideToTheEnd(String),
}

/// A call as Twilio knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub sid: CallSid,
    /// How far it is, as far as known.
    pub status: Option<CallStatus>,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// Who calls.
    pub from: Party,
    /// Who is called.
    pub to: Party,
    /// The call whose `<Dial>` made this one.
    pub parent: Option<CallSid>,
    /// When it was placed.
    pub created_at: Option<OffsetDateTime>,
    /// How long it was.
    pub duration: Option<Duration>,
    /// Who answered.
    pub answered_by: Option<AnsweredBy>,
}

#[derive(Deserialize)]
struct Raw {
    sid: CallSid,
    status: Option<String>,
    direction: Option<String>,
    from: Option<String>,
    to: Option<String>,
    parent_call_sid: Option<CallSid>,
    date_created: Option<String>,
    duration: Option<String>,
    answered_by: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    calls: Vec<Raw>,
}

impl NewCall {
    /// Describes a call without anything else said.
    #[must_use]
    pub fn new(to: &str, from: &str, instructions: Instructions) -> Self {
        Self {
            to: to.to_owned(),
            from: from.to_owned(),
            instructions,
            ring_for: None,
            at_most: None,
            status_callback: None,
            machine_detection: None,
        }
    }

    fn fields(&self) -> Fields {
        let fields = Fields::default()
            .with("To", &self.to)
            .with("From", &self.from)
            .seconds("Timeout", self.ring_for)
            .seconds("TimeLimit", self.at_most);
        let fields = match &self.instructions {
            Instructions::Url(url) => fields.with("Url", url),
            Instructions::Twiml(xml) => fields.with("Twiml", xml),
        };
        let fields = told(fields, self.status_callback.as_deref());
        match &self.machine_detection {
            None => fields,
            Some(MachineDetection::Waits) => fields.with("MachineDetection", "Enable"),
            Some(MachineDetection::WaitsForTheEnd) => {
                fields.with("MachineDetection", "DetectMessageEnd")
            }
            Some(MachineDetection::Beside(url)) => beside(fields, "Enable", url),
            Some(MachineDetection::BesideToTheEnd(url)) => beside(fields, "DetectMessageEnd", url),
        }
    }
}

/// Tells of every step of a call.
pub(super) fn told(fields: Fields, url: Option<&str>) -> Fields {
    match url {
        None => fields,
        Some(url) => fields.with("StatusCallback", url).each(
            "StatusCallbackEvent",
            &["initiated", "ringing", "answered", "completed"],
        ),
    }
}

fn beside(fields: Fields, mode: &str, url: &str) -> Fields {
    fields
        .with("MachineDetection", mode)
        .with("AsyncAmd", "true")
        .with("AsyncAmdStatusCallback", url)
}

impl RestClient {
    /// Places a call.
    ///
    /// # Errors
    /// [`RestError`]; after [`RestError::OutcomeUnknown`] the phone may be ringing.
    pub async fn create_call(&self, call: &NewCall) -> Result<Call, RestError> {
        let request = self.create(&["Calls"], &call.fields());
        self.send::<Raw>(request).await.map(Call::from)
    }

    /// Reads a call.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn call(&self, call: &CallSid) -> Result<Call, RestError> {
        let request = self.get(&["Calls", call.as_str()], &Fields::default());
        self.send::<Raw>(request).await.map(Call::from)
    }

    /// Returns the newest hundred calls to somebody since the beginning of a day (UTC): what became of one whose
    /// outcome is unknown.
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn calls_to(&self, to: &str, since: Date) -> Result<Vec<Call>, RestError> {
        self.calls("To", to, since).await
    }

    /// Returns the newest hundred calls from one of the account's numbers since the beginning of a day (UTC).
    ///
    /// # Errors
    /// [`RestError`] says whether to try again.
    pub async fn calls_from(&self, from: &str, since: Date) -> Result<Vec<Call>, RestError> {
        self.calls("From", from, since).await
    }

    async fn calls(
        &self,
        end: &'static str,
        number: &str,
        since: Date,
    ) -> Result<Vec<Call>, RestError> {
        let day = format_description!("[year]-[month]-[day]");
        let query = Fields::default()
            .with(end, number)
            .with("StartTime>", since.format(day).unwrap_or_default())
            .with("PageSize", PAGE);
        let page: Page = self.send(self.get(&["Calls"], &query)).await?;
        Ok(page.calls.into_iter().map(Call::from).collect())
    }

    /// Has an answered call do something else. It leaves its media socket or conference.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when it is not in progress.
    pub async fn redirect_call(
        &self,
        call: &CallSid,
        to: &Instructions,
    ) -> Result<Call, RestError> {
        let fields = match to {
            Instructions::Url(url) => Fields::default().with("Url", url),
            Instructions::Twiml(xml) => Fields::default().with("Twiml", xml),
        };
        let request = self.update(&["Calls", call.as_str()], &fields);
        self.send::<Raw>(request).await.map(Call::from)
    }

    /// Ends a call, whether it waits, rings or was answered.
    ///
    /// # Errors
    /// [`RestError`]; [`is_over`](RestError::is_over) when there was nothing to end.
    pub async fn end_call(&self, call: &CallSid) -> Result<Call, RestError> {
        let fields = Fields::default().with("Status", "completed");
        let request = self.update(&["Calls", call.as_str()], &fields);
        self.send::<Raw>(request).await.map(Call::from)
    }
}

impl From<Raw> for Call {
    fn from(raw: Raw) -> Self {
        Self {
            sid: raw.sid,
            status: raw.status.as_deref().and_then(CallStatus::parse),
            direction: raw.direction.as_deref().and_then(Direction::parse),
            from: party(raw.from.as_deref()),
            to: party(raw.to.as_deref()),
            parent: raw.parent_call_sid,
            created_at: raw.date_created.as_deref().and_then(moment),
            duration: raw.duration.as_deref().and_then(seconds),
            answered_by: raw.answered_by.as_deref().map(AnsweredBy::parse),
        }
    }
}

pub(super) fn party(text: Option<&str>) -> Party {
    text.map_or(Party::Unknown, Party::parse)
}

pub(super) fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

pub(super) fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_secs)
}

impl fmt::Debug for NewCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCall")
            .field("machine_detection", &self.machine_detection.is_some())
            .finish_non_exhaustive()
    }
}
