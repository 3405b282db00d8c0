//! The tables `[contacts.<id>]`: who can be called into a conversation, and `[escalation]` and
//! `[callbacks]`: how.

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::reader::{Reader, Setting};
use super::{Mistakes, Mode, Section};
use crate::dial::{Number, Policy};
use crate::escalation::{Contact, Minutes, Way};

const NUMBER: Setting = Setting::new("escalation_number")
    .environment(&["ESCALATION_PHONE_NUMBER", "TARGET_PHONE_NUMBER"]);

/// In dev mode, where nobody is named: a number of nobody, which stand-ins of carriers use.
const DEMO_NUMBER: &str = "+15005550020";

/// How long an appointment is where nobody says otherwise.
const APPOINTMENT_MINUTES: u16 = 30;

/// A working day.
const LONGEST_APPOINTMENT: u16 = 8 * 60;

/// A contact as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    name: String,
    phones: Vec<String>,
    link: String,
    languages: Vec<String>,
    skills: Vec<String>,
    hours: Vec<String>,
    timezone: String,
    order: u32,
    appointment_minutes: Option<u16>,
}

/// Reads how humans are brought in, at once or later.
pub(super) fn read_settings<T: Default + DeserializeOwned + Serialize>(
    reader: &mut Reader<'_>,
    table: &str,
) -> T {
    let mut mistakes = Mistakes::default();
    let settings = reader.section(table).read(&mut mistakes);
    reader.add_mistakes(mistakes);
    settings
}

/// Reads who can be called.
pub(super) fn read(reader: &mut Reader<'_>, mode: Mode, policy: &Policy) -> Vec<Contact> {
    let mut contacts: Vec<Contact> = Vec::new();
    for id in reader.names_below("contacts") {
        let section = reader.section(&format!("contacts.{id}"));
        let mut mistakes = Mistakes::default();
        contacts.push(contact(id, &section, policy, &mut mistakes));
        reader.add_mistakes(mistakes);
    }
    if let Some(found) = reader.text(&NUMBER) {
        match policy.number(&found) {
            Ok(number) => contacts.push(plain("human", "my colleague", number)),
            Err(error) => reader.mistake(
                format!("ESCALATION_PHONE_NUMBER is no number: {error}"),
                "ESCALATION_PHONE_NUMBER=+41791234567",
            ),
        }
    }
    if contacts.is_empty() && mode == Mode::Dev {
        let number = Number::parse(DEMO_NUMBER, None).expect("a test reads it");
        contacts.push(plain("thomas", "Thomas", number));
    }
    contacts
}

fn plain(id: &str, name: &str, number: Number) -> Contact {
    Contact {
        id: id.to_owned(),
        name: name.to_owned(),
        ways: vec![Way::Phone(number)],
        languages: Vec::new(),
        skills: Vec::new(),
        hours: Vec::new(),
        zone: TimeZone::UTC,
        order: 0,
        appointment: Minutes::new(APPOINTMENT_MINUTES),
    }
}

fn contact(id: String, section: &Section, policy: &Policy, mistakes: &mut Mistakes) -> Contact {
    let written: Written = section.read(mistakes);
    let mut ways = Vec::new();
    for text in &written.phones {
        match policy.number(text) {
            Ok(number) => ways.push(Way::Phone(number)),
            Err(error) => section.mistake(
                "phones",
                &format!("holds something that is no number: {error}"),
                "[\"+41791234567\"]",
                mistakes,
            ),
        }
    }
    if !written.link.is_empty() {
        match policy.number(&written.link) {
            Ok(number) => ways.push(Way::Link(number)),
            Err(error) => section.mistake(
                "link",
                &format!("is no number: {error}"),
                "\"+41791234567\"",
                mistakes,
            ),
        }
    }
    if ways.is_empty() && written.phones.is_empty() && written.link.is_empty() {
        let what = "is missing, and so is `link`: nobody could reach them";
        section.mistake("phones", what, "[\"+41791234567\"]", mistakes);
    }
    let mut hours = Vec::new();
    for text in &written.hours {
        match text.parse() {
            Ok(read) => hours.push(read),
            Err(error) => {
                let what = format!("holds `{text}`: {error}");
                section.mistake("hours", &what, "[\"mon-fri 09:00-17:30\"]", mistakes);
            }
        }
    }
    Contact {
        name: Some(written.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| id.clone()),
        ways,
        languages: written.languages,
        skills: written.skills,
        hours,
        zone: zone(&written.timezone, section, mistakes),
        order: written.order,
        appointment: appointment(written.appointment_minutes, section, mistakes),
        id,
    }
}

fn appointment(
    written: Option<u16>,
    section: &Section,
    mistakes: &mut Mistakes,
) -> Option<Minutes> {
    let minutes = written.unwrap_or(APPOINTMENT_MINUTES);
    if minutes > LONGEST_APPOINTMENT {
        let what = "is longer than eight hours: 0 is for those who take no appointments";
        section.mistake("appointment_minutes", what, "30", mistakes);
    }
    Minutes::new(minutes)
}

fn zone(name: &str, section: &Section, mistakes: &mut Mistakes) -> TimeZone {
    if name.is_empty() {
        return TimeZone::UTC;
    }
    TimeZone::get(name).unwrap_or_else(|_| {
        let what = format!("is `{name}`, which is no time zone as IANA names them");
        section.mistake("timezone", &what, "\"Europe/Zurich\"", mistakes);
        TimeZone::UTC
    })
}
