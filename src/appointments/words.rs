//! What is said and written of appointments, in English and French. Pure.

use jiff::Zoned;
use jiff::civil::Weekday;

use crate::phone::Tongue;

/// What an appointment is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Matter<'a> {
    /// What whoever comes is called.
    pub(super) name: Option<&'a str>,
    /// How they are reached.
    pub(super) number: Option<&'a str>,
    /// Why they come.
    pub(super) reason: Option<&'a str>,
}

/// Returns a moment as it is spoken, on its own clock.
pub(crate) fn moment(tongue: Tongue, at: &Zoned) -> String {
    let (weekday, month) = (weekday(tongue, at.weekday()), month(tongue, at.month()));
    let (day, hour, minute) = (at.day(), at.hour(), at.minute());
    match tongue {
        Tongue::English => format!("{weekday} {day} {month} at {hour}:{minute:02}"),
        Tongue::French => {
            let day = if day == 1 {
                "1er".to_owned()
            } else {
                day.to_string()
            };
            let minutes = if minute == 0 {
                String::new()
            } else {
                format!(" {minute:02}")
            };
            format!("{weekday} {day} {month} à {hour} h{minutes}")
        }
    }
}

/// Returns the message to a contact whom somebody will meet.
pub(super) fn booked(
    tongue: Tongue,
    contact: &str,
    at: &Zoned,
    minutes: u16,
    matter: Matter<'_>,
) -> String {
    let when = moment(tongue, at);
    let text = match (tongue, matter.name) {
        (Tongue::English, Some(name)) => {
            format!(
                "{contact}, {name} has made an appointment with you: {when}, {minutes} minutes."
            )
        }
        (Tongue::English, None) => {
            format!(
                "{contact}, somebody has made an appointment with you: {when}, {minutes} minutes."
            )
        }
        (Tongue::French, Some(name)) => {
            format!("{contact}, {name} a pris rendez-vous avec vous : {when}, {minutes} minutes.")
        }
        (Tongue::French, None) => {
            format!(
                "{contact}, quelqu'un a pris rendez-vous avec vous : {when}, {minutes} minutes."
            )
        }
    };
    let about = match (tongue, matter.reason) {
        (_, None) => String::new(),
        (Tongue::English, Some(reason)) => {
            format!(" It is about: {}.", reason.trim_end_matches('.'))
        }
        (Tongue::French, Some(reason)) => {
            format!(" C'est au sujet de : {}.", reason.trim_end_matches('.'))
        }
    };
    let reach = match (tongue, matter.number) {
        (_, None) => String::new(),
        (Tongue::English, Some(number)) => format!(" Their number: {number}."),
        (Tongue::French, Some(number)) => format!(" Numéro : {number}."),
    };
    format!("{text}{about}{reach}")
}

/// Returns the message to a contact whom nobody will meet after all.
pub(super) fn cancelled(tongue: Tongue, contact: &str, at: &Zoned) -> String {
    let when = moment(tongue, at);
    match tongue {
        Tongue::English => format!("{contact}, the appointment on {when} is cancelled."),
        Tongue::French => format!("{contact}, le rendez-vous du {when} est annulé."),
    }
}

/// Returns the title of an appointment in a calendar.
pub(super) fn title(contact: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{contact}: {name}"),
        None => contact.to_owned(),
    }
}

fn weekday(tongue: Tongue, day: Weekday) -> &'static str {
    let days = match tongue {
        Tongue::English => [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ],
        Tongue::French => [
            "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
        ],
    };
    let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
    days.get(index).copied().unwrap_or_default()
}

fn month(tongue: Tongue, month: i8) -> &'static str {
    let months = match tongue {
        Tongue::English => [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
        Tongue::French => [
            "janvier",
            "février",
            "mars",
            "avril",
            "mai",
            "juin",
            "juillet",
            "août",
            "septembre",
            "octobre",
            "novembre",
            "décembre",
        ],
    };
    let index = usize::try_from(month - 1).unwrap_or_default();
    months.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse().expect("it is a time")
    }

    #[test]
    fn moments_are_spoken_on_the_clock_of_whoever_is_met() {
        let (ten, half_past) = (
            at("2026-11-24T10:00[Europe/Zurich]"),
            at("2026-12-01T14:30[Europe/Zurich]"),
        );

        assert_eq!(
            moment(Tongue::English, &ten),
            "Tuesday 24 November at 10:00"
        );
        assert_eq!(moment(Tongue::French, &ten), "mardi 24 novembre à 10 h");
        assert_eq!(
            moment(Tongue::French, &half_past),
            "mardi 1er décembre à 14 h 30"
        );
    }

    #[test]
    fn a_contact_reads_who_comes_when_and_why() {
        let matter = Matter {
            name: Some("Ann"),
            number: Some("+41791234567"),
            reason: Some("an invoice."),
        };

        let text = booked(
            Tongue::English,
            "Thomas",
            &at("2026-11-24T10:00[Europe/Zurich]"),
            30,
            matter,
        );

        assert_eq!(
            text,
            "Thomas, Ann has made an appointment with you: Tuesday 24 November at 10:00, 30 minutes. \
             It is about: an invoice. Their number: +41791234567."
        );
    }
}
