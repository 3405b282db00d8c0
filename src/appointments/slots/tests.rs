use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::escalation::Minutes;

fn contact(hours: &[&str], zone: &str, minutes: u16) -> Contact {
    let hours = hours
        .iter()
        .map(|text| text.parse().expect("they are hours"));
    Contact {
        id: "thomas".to_owned(),
        name: "Thomas".to_owned(),
        ways: Vec::new(),
        languages: Vec::new(),
        skills: Vec::new(),
        hours: hours.collect(),
        zone: TimeZone::get(zone).expect("the zones are built in"),
        order: 0,
        appointment: Minutes::new(minutes),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("it is a time")
}

fn starts(contact: &Contact, from: &str, until: &str, now: &str) -> Vec<String> {
    let free = free(contact, &[], &(at(from)..at(until)), at(now), 1_000);
    free.iter().map(|slot| slot.start.to_string()).collect()
}

const ZURICH: &str = "Europe/Zurich";

#[test]
fn slots_follow_one_another_in_the_hours_of_the_contacts_clock() {
    let thomas = contact(&["mon-fri 09:00-10:45"], ZURICH, 30);

    let found = starts(
        &thomas,
        "2026-11-23T00:00:00Z",
        "2026-11-24T00:00:00Z",
        "2026-11-20T00:00:00Z",
    );

    assert_eq!(
        found,
        [
            "2026-11-23T08:00:00Z",
            "2026-11-23T08:30:00Z",
            "2026-11-23T09:00:00Z"
        ]
    );
}

#[test]
fn nobody_is_met_within_the_hour_or_in_two_months() {
    let thomas = contact(&["mon-sun 09:00-11:00"], "UTC", 60);
    let (from, until) = ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");

    let soon = starts(&thomas, from, until, "2026-11-23T08:30:00Z");
    let far = starts(&thomas, from, until, "2026-09-20T00:00:00Z");

    assert_eq!(soon, ["2026-11-23T10:00:00Z"]);
    assert_eq!(far, Vec::<String>::new());
}

#[test]
fn who_takes_none_has_none_and_who_is_always_there_has_office_hours() {
    let (from, until) = ("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
    let now = "2026-11-20T00:00:00Z";

    let none = starts(&contact(&[], "UTC", 0), from, until, now);
    let always = starts(&contact(&[], "UTC", 240), from, until, now);

    assert_eq!(none, Vec::<String>::new());
    assert_eq!(always, ["2026-11-23T09:00:00Z", "2026-11-23T13:00:00Z"]);
}

#[test]
fn the_night_the_clocks_change_is_an_hour_shorter_or_longer() {
    let night = contact(&["sun 00:00-05:00"], ZURICH, 60);

    // In spring two o'clock is three o'clock; in autumn it is two o'clock twice.
    let spring = starts(
        &night,
        "2026-03-28T12:00:00Z",
        "2026-03-29T12:00:00Z",
        "2026-03-27T00:00:00Z",
    );
    let autumn = starts(
        &night,
        "2026-10-24T12:00:00Z",
        "2026-10-25T12:00:00Z",
        "2026-10-23T00:00:00Z",
    );

    assert_eq!((spring.len(), autumn.len()), (4, 6));
}

#[test]
fn hours_that_do_not_exist_have_no_slots() {
    let gap = contact(&["sun 02:00-03:00"], ZURICH, 30);

    let found = starts(
        &gap,
        "2026-03-28T12:00:00Z",
        "2026-03-29T12:00:00Z",
        "2026-03-27T00:00:00Z",
    );

    assert_eq!(found, Vec::<String>::new());
}

fn some_hours() -> impl Strategy<Value = Vec<&'static str>> {
    let all = vec![
        "mon-fri 09:00-17:30",
        "mon-fri 12:00-13:00",
        "sat-mon 00:00-24:00",
        "sun 01:15-04:50",
        "tue-thu 16:00-20:00",
        "sun 02:00-03:00",
        "mon-sun 23:00-24:00",
    ];
    prop::collection::vec(prop::sample::select(all), 0..4)
}

fn a_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        ZURICH,
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Asia/Kathmandu",
        "UTC",
    ])
}

/// Some days around a change of the clocks of each zone.
fn a_present() -> impl Strategy<Value = Timestamp> {
    let around = [
        "2026-03-05T00:00:00Z",
        "2026-03-26T00:00:00Z",
        "2026-04-02T00:00:00Z",
        "2026-10-01T00:00:00Z",
        "2026-10-22T00:00:00Z",
        "2026-10-30T00:00:00Z",
        "2011-12-28T00:00:00Z",
    ];
    let present = prop::sample::select(around.to_vec());
    (present, 0_i64..72 * 60)
        .prop_map(|(day, minutes)| at(day).saturating_add(minutes.minutes()).expect("in time"))
}

proptest! {
    #[test]
    fn slots_are_free_in_hours_apart_and_the_same_whoever_asks(
        hours in some_hours(),
        zone in a_zone(),
        minutes in 5_u16..200,
        now in a_present(),
        taken in prop::collection::vec((0_i64..7 * 24 * 60, 1_i64..180), 0..6),
        part in (0_i64..7 * 24 * 60, 1_i64..3 * 24 * 60),
    ) {
        let thomas = contact(&hours, zone, minutes);
        let later = |from: Timestamp, minutes: i64| {
            from.saturating_add(minutes.minutes()).expect("in time")
        };
        let taken: Vec<Slot> = taken
            .into_iter()
            .map(|(from, length)| {
                let start = later(now, from);
                Slot { start, end: later(start, length) }
            })
            .collect();
        let week = now..later(now, 7 * 24 * 60);

        let found = free(&thomas, &taken, &week, now, 10_000);

        for slot in &found {
            prop_assert_eq!(slot.end.duration_since(slot.start).as_mins(), i64::from(minutes));
            prop_assert!(slot.start >= later(now, 60) && slot.end <= week.end);
            prop_assert!(thomas.is_open(slot.start));
            prop_assert!(thomas.is_open(slot.end.saturating_sub(1.nanoseconds()).expect("in time")));
            prop_assert!(!taken.iter().any(|one| one.overlaps(slot)));
            prop_assert_eq!(starting(&thomas, slot.start, now), Some(*slot));
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].end <= pair[1].start));

        let (from, length) = part;
        let part = later(now, from)..later(now, from + length);
        let of_part = free(&thomas, &taken, &part, now, 10_000);
        let of_week: Vec<Slot> = found
            .into_iter()
            .filter(|slot| slot.start >= part.start && slot.end <= part.end)
            .collect();
        let of_part: Vec<Slot> = of_part
            .into_iter()
            .filter(|slot| slot.end <= week.end)
            .collect();
        prop_assert_eq!(of_part, of_week);
    }
}
