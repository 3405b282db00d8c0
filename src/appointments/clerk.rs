//! Where agents ask for appointments: the tools' way to the diary.

use agent_contract::{Language, ToolContext};
use agent_tools::{Availability, Booking, DiaryDesk, FreeTime, Made, NoAppointment};
use async_trait::async_trait;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::handle::{self, Appointments, DiaryError, Visitor, Whom};
use super::words;
use crate::dial::Policy;
use crate::phone::Tongue;

/// Times that are told at once: more than anybody remembers.
const MOST: usize = 12;

/// How far is looked ahead when nobody says how far.
const AHEAD_HOURS: i64 = 7 * 24;

/// Asks the diary on behalf of agents.
#[derive(Debug)]
pub struct Clerk {
    appointments: Appointments,
    policy: Policy,
}

impl Clerk {
    /// Makes one; numbers are read as the policy says.
    #[must_use]
    pub fn new(appointments: Appointments, policy: Policy) -> Self {
        Self {
            appointments,
            policy,
        }
    }

    fn zone(&self, whom: Whom<'_>) -> Result<TimeZone, NoAppointment> {
        let contact = self.appointments.first(whom).map_err(none)?;
        Ok(contact.zone.clone())
    }
}

#[async_trait]
impl DiaryDesk for Clerk {
    async fn free(
        &self,
        asker: &ToolContext,
        wanted: Availability,
    ) -> Result<Vec<FreeTime>, NoAppointment> {
        let whom = whom(wanted.contact.as_deref(), &asker.language);
        let zone = self.zone(whom)?;
        let from = match &wanted.from {
            Some(text) => read(text, &zone)?.max(Timestamp::now()),
            None => Timestamp::now(),
        };
        let until = match &wanted.to {
            Some(text) => read(text, &zone)?,
            None => from
                .saturating_add(AHEAD_HOURS.hours())
                .unwrap_or(Timestamp::MAX),
        };
        if until <= from {
            let how = "`to` has to be in the future and after `from`".to_owned();
            return Err(NoAppointment::Unreadable(how));
        }
        let free = self.appointments.free(whom, from..until, MOST).await;
        let tongue = Tongue::of(asker.language.as_str());
        Ok(free
            .map_err(none)?
            .into_iter()
            .map(|time| told(tongue, &time))
            .collect())
    }

    async fn book(&self, asker: &ToolContext, wanted: Booking) -> Result<Made, NoAppointment> {
        let whom = whom(wanted.contact.as_deref(), &asker.language);
        let start = read(&wanted.start, &self.zone(whom)?)?;
        let number = wanted
            .phone_number
            .as_deref()
            .map(|text| self.policy.number(text));
        let number = number.transpose();
        let visitor = Visitor {
            session: Some(asker.session.to_string()),
            name: wanted.name,
            number: number.map_err(|error| NoAppointment::Unreadable(error.to_string()))?,
            reason: wanted.reason,
        };
        let tongue = Tongue::of(asker.language.as_str());
        match self.appointments.book(whom, start, visitor).await {
            Ok(made) => Ok(Made {
                id: made.id,
                time: told(tongue, &made.time),
                minutes: made.minutes,
            }),
            Err(DiaryError::Taken) => {
                let others = self.appointments.instead(whom, start).await.map_err(none)?;
                let others = others.iter().map(|time| told(tongue, time));
                Err(NoAppointment::Taken(others.collect()))
            }
            Err(error) => Err(none(error)),
        }
    }
}

fn whom<'a>(who: Option<&'a str>, language: &'a Language) -> Whom<'a> {
    Whom {
        who,
        language: language.as_str(),
    }
}

/// Reads a moment; without an offset it is one of this zone.
fn read(text: &str, zone: &TimeZone) -> Result<Timestamp, NoAppointment> {
    let here = |at: DateTime| zone.to_ambiguous_timestamp(at).compatible();
    let read = text.parse().or_else(|_| text.parse().and_then(here));
    read.map_err(|_| {
        let how = "write times as 2026-11-24T09:00:00+01:00".to_owned();
        NoAppointment::Unreadable(how)
    })
}

fn told(tongue: Tongue, time: &handle::Time) -> FreeTime {
    FreeTime {
        start: time.start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        spoken: words::moment(tongue, &time.start),
        contact: time.contact.clone(),
    }
}

fn none(error: DiaryError) -> NoAppointment {
    match error {
        DiaryError::Nobody => NoAppointment::Nobody,
        DiaryError::Taken => NoAppointment::Taken(Vec::new()),
        DiaryError::TooMany => NoAppointment::Enough,
        error @ (DiaryError::Unknown | DiaryError::Records(_) | DiaryError::Stopped) => {
            NoAppointment::Failed(error.into())
        }
    }
}
