//! Somebody who can be called into a conversation, and when. Pure.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use crate::dial::Number;

/// Hours repeat after a week; a day more, for a night in which the clock changes.
const DAYS: i64 = 8;

/// A person who can be called into a conversation.
#[derive(Debug, Clone)]
pub struct Contact {
    /// What records and requests call them.
    pub id: String,
    /// What they are called.
    pub name: String,
    /// In which ways they are reached, the first one first.
    pub ways: Vec<Way>,
    /// Which languages they speak, by tag; nothing: any.
    pub languages: Vec<String>,
    /// What they know about.
    pub skills: Vec<String>,
    /// When they may be called; nothing: at any time.
    pub hours: Vec<Hours>,
    /// Where they live.
    pub zone: TimeZone,
    /// Who is called before whom; those with the same number are called at once.
    pub order: u32,
    /// How long an appointment with them is; `None` where they take none.
    pub appointment: Option<Minutes>,
}

/// A number of minutes.
pub type Minutes = std::num::NonZeroU16;

/// A way to reach somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Their telephone rings.
    Phone(Number),
    /// A link by which they join in a browser is sent to this number.
    Link(Number),
}

impl Way {
    /// Returns the number.
    #[must_use]
    pub fn number(&self) -> &Number {
        match self {
            Self::Phone(number) | Self::Link(number) => number,
        }
    }
}

/// Some hours of some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    first: Weekday,
    last: Weekday,
    from: Time,
    until: Time,
}

/// It cannot be read as hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write days and hours as `mon-fri 09:00-17:30`")]
pub struct HoursError;

impl std::str::FromStr for Hours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let (days, hours) = text.trim().split_once(' ').ok_or(HoursError)?;
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, until) = hours.trim().split_once('-').ok_or(HoursError)?;
        let hours = Self {
            first: weekday(first)?,
            last: weekday(last)?,
            from: time(from)?,
            until: time(until)?,
        };
        if hours.from < hours.until {
            Ok(hours)
        } else {
            Err(HoursError)
        }
    }
}

impl Hours {
    /// Tells whether a moment, on the clock of the contact, is among them.
    fn hold(self, at: &Zoned) -> bool {
        self.is_on(at.weekday()) && (self.from..self.until).contains(&at.time())
    }

    /// Returns from when until when they last on a day, on the clock of the contact; nothing on another day.
    pub(crate) fn of_day(self, day: Date) -> Option<(DateTime, DateTime)> {
        if !self.is_on(day.weekday()) {
            return None;
        }
        let until = if self.until == Time::MAX {
            day.tomorrow().ok()?.to_datetime(Time::midnight())
        } else {
            day.to_datetime(self.until)
        };
        Some((day.to_datetime(self.from), until))
    }

    fn is_on(self, day: Weekday) -> bool {
        let since_first = |day: Weekday| self.first.until(day);
        since_first(day) <= since_first(self.last)
    }
}

impl Contact {
    /// Returns the number that takes messages for them: of the first way to reach them.
    pub(crate) fn message_number(&self) -> Option<&Number> {
        Some(self.ways.first()?.number())
    }

    /// Tells whether they may be called now.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let at = at.to_zoned(self.zone.clone());
        self.hours.is_empty() || self.hours.iter().any(|hours| hours.hold(&at))
    }

    /// Returns the first moment from `at` on at which they may be called; `None` when there is none.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return Some(at);
        }
        let today = at.to_zoned(self.zone.clone()).date();
        let days = (0..=DAYS).filter_map(|days| today.checked_add(Span::new().days(days)).ok());
        let beginnings = days.flat_map(|day| {
            self.hours.iter().filter_map(move |hours| {
                day.to_datetime(hours.from).to_zoned(self.zone.clone()).ok()
            })
        });
        beginnings
            .map(|beginning| beginning.timestamp())
            .filter(|beginning| *beginning >= at && self.is_open(*beginning))
            .min()
    }

    /// Tells whether they are the one who was asked for, by id or by name.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.trim();
        self.id.eq_ignore_ascii_case(name) || self.name.to_lowercase() == name.to_lowercase()
    }

    /// Tells whether they know about something.
    #[must_use]
    pub fn knows(&self, skill: &str) -> bool {
        let skill = skill.trim().to_lowercase();
        self.skills.iter().any(|own| own.to_lowercase() == skill)
    }

    /// Tells whether they speak a language, by its tag.
    #[must_use]
    pub fn speaks(&self, tag: &str) -> bool {
        let mut own = self.languages.iter();
        self.languages.is_empty() || own.any(|own| primary(own) == primary(tag))
    }
}

fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_lowercase()
}

fn weekday(text: &str) -> Result<Weekday, HoursError> {
    Ok(match text.trim().to_lowercase().as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return Err(HoursError),
    })
}

fn time(text: &str) -> Result<Time, HoursError> {
    if text.trim() == "24:00" {
        return Ok(Time::MAX);
    }
    text.trim().parse().map_err(|_| HoursError)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(hours: &[&str]) -> Contact {
        let hours = hours
            .iter()
            .map(|text| text.parse().expect("they are hours"));
        Contact {
            id: "thomas".to_owned(),
            name: "Thomas".to_owned(),
            ways: Vec::new(),
            languages: vec!["en-GB".to_owned()],
            skills: vec!["Billing".to_owned()],
            hours: hours.collect(),
            zone: TimeZone::get("Europe/Zurich").expect("the zones are built in"),
            order: 0,
            appointment: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("it is a time")
    }

    #[test]
    fn hours_are_those_of_the_contacts_clock() {
        let thomas = contact(&["mon-fri 09:00-17:30"]);

        // Summer time is two hours ahead of UTC, winter time one.
        assert!(thomas.is_open(at("2026-07-01T07:00:00Z")));
        assert!(!thomas.is_open(at("2026-12-01T07:59:00Z")));
        assert!(thomas.is_open(at("2026-12-01T08:00:00Z")));
        assert!(!thomas.is_open(at("2026-12-01T16:30:00Z")));
        assert!(!thomas.is_open(at("2026-11-21T12:00:00Z")), "a Saturday");
    }

    #[test]
    fn days_may_go_over_the_end_of_the_week() {
        let thomas = contact(&["sat-mon 00:00-24:00"]);

        assert!(thomas.is_open(at("2026-11-22T12:00:00Z")), "a Sunday");
        assert!(!thomas.is_open(at("2026-11-24T12:00:00Z")), "a Tuesday");
    }

    #[test]
    fn outside_their_hours_the_next_beginning_is_found() {
        let thomas = contact(&["mon-fri 09:00-17:30", "sat 10:00-12:00"]);

        let next = |text| thomas.next_open(at(text)).map(|at| at.to_string());

        let within = "2026-11-20T10:00:00Z";
        assert_eq!(next(within).as_deref(), Some(within));
        // A Friday evening, a Saturday afternoon.
        let saturday = Some("2026-11-21T09:00:00Z");
        assert_eq!(next("2026-11-20T16:30:00Z").as_deref(), saturday);
        let monday = Some("2026-11-23T08:00:00Z");
        assert_eq!(next("2026-11-21T11:00:00Z").as_deref(), monday);
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_is_none() {
        // On 29 March 2026 the clock goes from 02:00 to 03:00.
        let thomas = contact(&["sun 02:00-03:00"]);

        let next = thomas.next_open(at("2026-03-28T12:00:00Z"));

        assert_eq!(next, Some(at("2026-04-05T00:00:00Z")));
    }

    #[test]
    fn what_is_no_hours_is_refused() {
        for text in [
            "",
            "mon",
            "mon 9",
            "mon 17:00-09:00",
            "foo 09:00-10:00",
            "mon-fri 25:00-26:00",
        ] {
            assert_eq!(text.parse::<Hours>(), Err(HoursError), "{text}");
        }
    }

    #[test]
    fn names_languages_and_skills_are_found_as_people_write_them() {
        let thomas = contact(&[]);

        assert!(thomas.is_called(" THOMAS "));
        assert!(thomas.speaks("en") && !thomas.speaks("fr"));
        assert!(thomas.knows("billing") && !thomas.knows("law"));
    }
}
