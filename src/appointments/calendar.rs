//! An appointment as calendars read it: a file as RFC 5545 has it. Pure.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike, Property};

use super::words;
use crate::store::{AppointmentRecord, Moment};

/// Who made the file, as such files name it.
const PRODUCT: &str = "-//Patchbay//Appointments//EN";

/// Returns the file of an appointment; `contact` is what the contact is called.
pub(crate) fn file(appointment: &AppointmentRecord, contact: &str) -> String {
    let mut event = Event::new();
    event
        .uid(&appointment.id)
        .timestamp(moment(appointment.created_at))
        .starts(moment(appointment.start))
        .ends(moment(appointment.end))
        .summary(&words::title(contact, appointment.name.as_deref()));
    if let Some(reason) = &appointment.reason {
        event.description(reason);
    }
    let mut calendar = Calendar::empty();
    calendar
        .append_property(Property::new("VERSION", "2.0"))
        .append_property(Property::new("PRODID", PRODUCT))
        .push(event.done());
    calendar.to_string()
}

fn moment(at: Moment) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_when_with_whom_and_why_and_cannot_be_broken_out_of() {
        let appointment = AppointmentRecord {
            id: "apt-1".to_owned(),
            contact: "thomas".to_owned(),
            start: Moment(1_795_510_800_000),
            end: Moment(1_795_512_600_000),
            session: None,
            name: Some("Ann".to_owned()),
            number: None,
            reason: Some("an invoice;\r\nEND:VCALENDAR, and more ".repeat(10)),
            created_at: Moment(1_795_000_000_000),
        };

        let file = file(&appointment, "Thomas");

        assert!(
            file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"),
            "{file}"
        );
        assert!(file.contains("DTSTART:20261124T090000Z\r\n"), "{file}");
        assert!(file.contains("DTEND:20261124T093000Z\r\n"), "{file}");
        assert!(file.contains("SUMMARY:Thomas: Ann\r\n"), "{file}");
        assert!(file.contains("UID:apt-1\r\n"), "{file}");
        let ends = file.lines().filter(|line| *line == "END:VCALENDAR").count();
        assert_eq!(ends, 1, "{file}");
        assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
    }
}
