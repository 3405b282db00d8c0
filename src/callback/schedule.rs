//! When somebody is called back, and what follows when that fails. Pure; time is an argument.

use jiff::Timestamp;

use super::settings::Settings;
use crate::escalation::Contact;

/// What there is to do about a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Its time has come.
    Dial,
    /// Its time comes then.
    Wait(Timestamp),
    /// Nothing any more.
    GiveUp,
}

/// Decides by who can be called when, and how often it is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule<'a> {
    pub(super) contacts: &'a [Contact],
    pub(super) settings: &'a Settings,
    /// Who is wanted: a contact by id or name, or what they have to know.
    pub(super) who: Option<&'a str>,
}

impl Schedule<'_> {
    /// Returns the first moment from `at` on at which somebody can be had who is wanted; anybody, when those have no hours.
    pub(super) fn first_from(&self, at: Timestamp) -> Option<Timestamp> {
        let is_meant = |contact: &Contact| {
            self.who
                .is_some_and(|who| contact.is_called(who) || contact.knows(who))
        };
        let opens = |meant: bool| {
            let mut all = self.contacts.iter();
            let reachable = all.by_ref().filter(|contact| !contact.ways.is_empty());
            reachable
                .filter(|contact| !meant || is_meant(contact))
                .filter_map(|contact| contact.next_open(at))
                .min()
        };
        opens(true).or_else(|| opens(false))
    }

    /// Decides about one that was due at the latest now.
    pub(super) fn when_due(&self, now: Timestamp) -> Next {
        match self.first_from(now) {
            Some(at) if at <= now => Next::Dial,
            Some(at) => Next::Wait(at),
            None => Next::GiveUp,
        }
    }

    /// Decides after an attempt that failed, the nth.
    pub(super) fn after_failure(&self, attempts: u32, now: Timestamp) -> Next {
        let later = self
            .settings
            .pause_after(attempts)
            .and_then(|pause| now.checked_add(pause).ok());
        let next = later.and_then(|later| self.first_from(later));
        next.map_or(Next::GiveUp, Next::Wait)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::SignedDuration;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::dial::Number;
    use crate::escalation::Way;

    fn contact(id: &str, hours: &[&str]) -> Contact {
        let number = Number::parse("+15005550010", None).expect("it is one");
        let hours = hours
            .iter()
            .map(|text| text.parse().expect("they are hours"));
        Contact {
            id: id.to_owned(),
            name: id.to_owned(),
            ways: vec![Way::Phone(number)],
            languages: Vec::new(),
            skills: Vec::new(),
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
    fn the_one_who_is_wanted_decides_the_hours() {
        let contacts = [contact("a", &[]), contact("b", &["mon 09:00-10:00"])];
        let settings = Settings::default();
        let schedule = |who| Schedule {
            contacts: &contacts,
            settings: &settings,
            who,
        };

        let sunday = at("2026-11-22T12:00:00Z");
        let monday = at("2026-11-23T08:00:00Z");
        assert_eq!(schedule(Some("b")).when_due(sunday), Next::Wait(monday));
        assert_eq!(schedule(None).when_due(sunday), Next::Dial);
        assert_eq!(schedule(Some("nobody")).when_due(sunday), Next::Dial);
    }

    #[test]
    fn what_fails_is_tried_again_within_hours_and_then_given_up() {
        let contacts = [contact("a", &["mon-fri 09:00-17:00"])];
        let settings = Settings::default();
        let schedule = Schedule {
            contacts: &contacts,
            settings: &settings,
            who: None,
        };

        let friday = at("2026-11-20T15:10:00Z");
        let soon = Next::Wait(at("2026-11-20T15:20:00Z"));
        assert_eq!(schedule.after_failure(1, friday), soon);
        let monday = Next::Wait(at("2026-11-23T08:00:00Z"));
        assert_eq!(schedule.after_failure(2, friday), monday);
        assert_eq!(schedule.after_failure(3, friday), Next::GiveUp);
    }

    #[test]
    fn without_anybody_to_call_there_is_nothing_to_wait_for() {
        let settings = Settings::default();
        let schedule = Schedule {
            contacts: &[],
            settings: &settings,
            who: None,
        };

        assert_eq!(schedule.when_due(at("2026-11-20T15:10:00Z")), Next::GiveUp);
    }

    /// Some days, from some hour to a later one.
    fn hours() -> impl Strategy<Value = String> {
        let days = prop_oneof![
            Just("mon"),
            Just("tue-thu"),
            Just("sat-sun"),
            Just("fri-mon")
        ];
        (days, 0..23u32, 1..24u32).prop_map(|(days, from, length)| {
            let until = (from + length).min(24);
            format!("{days} {from:02}:00-{until:02}:00")
        })
    }

    fn staff() -> impl Strategy<Value = Vec<Contact>> {
        let hours = prop::collection::vec(hours(), 0..3);
        prop::collection::vec(hours, 0..3).prop_map(|staff| {
            let staff = staff.iter().enumerate();
            staff
                .map(|(index, hours)| {
                    let hours: Vec<&str> = hours.iter().map(String::as_str).collect();
                    contact(&format!("c{index}"), &hours)
                })
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn a_callback_is_dialled_within_hours_only_one_time_after_the_other_and_ends(
            contacts in staff(),
            who in prop::option::of(prop_oneof![Just("c0"), Just("c1"), Just("nobody")]),
            start in 1_700_000_000..1_800_000_000i64,
            retry_ms in prop::collection::vec(0..100_000_000u32, 0..4),
            // How late it is noticed that one is due, how long an attempt takes.
            delays in prop::collection::vec((0..50_000u64, 0..600u64), 8),
        ) {
            let settings = Settings { retry_ms, ..Settings::default() };
            let schedule = Schedule { contacts: &contacts, settings: &settings, who };
            let mut now = Timestamp::from_second(start).expect("it is within the calendar");
            let (mut attempts, mut steps, mut last_end) = (0, 0, None);
            let mut next = schedule.first_from(now).map_or(Next::GiveUp, Next::Wait);

            while next != Next::GiveUp {
                steps += 1;
                prop_assert!(steps < 200, "it never ends");
                next = match next {
                    Next::Wait(at) => {
                        prop_assert!(at >= now);
                        let late = Duration::from_secs(delays[steps % 8].0);
                        // Sooner or later somebody looks in time.
                        now = if steps % 5 == 0 { at } else { at + SignedDuration::try_from(late).unwrap() };
                        schedule.when_due(now)
                    }
                    Next::Dial => {
                        prop_assert!(contacts.iter().any(|contact| contact.is_open(now)));
                        prop_assert!(last_end.is_none_or(|end| end <= now), "two at once");
                        attempts += 1;
                        now += SignedDuration::from_secs(i64::try_from(delays[steps % 8].1).unwrap());
                        last_end = Some(now);
                        schedule.after_failure(attempts, now)
                    }
                    Next::GiveUp => Next::GiveUp,
                };
            }

            let most = u32::try_from(settings.retry_ms.len()).unwrap() + 1;
            prop_assert!(attempts <= most);
            if !contacts.is_empty() {
                prop_assert_eq!(attempts, most, "every attempt is made while somebody can be had");
            }
        }
    }
}
