//! When somebody can be met: free slots in the hours of a contact. Pure; the present is an argument.
//!
//! Slots begin with the contact's hours of each day, on the contact's clock, and follow one another. The day that the
//! clocks change has as many as it has hours.

use std::ops::Range;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::escalation::{Contact, Hours};

/// Nobody is met sooner: they have to read that they are.
const NOTICE: SignedDuration = SignedDuration::from_hours(1);

/// Nobody is met later.
const HORIZON: SignedDuration = SignedDuration::from_hours(24 * 60);

/// When those can be met who are called at any time.
const OFFICE_HOURS: &str = "mon-fri 09:00-17:00";

/// A time to meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slot {
    /// Its beginning.
    pub(crate) start: Timestamp,
    /// Its end; the next one may begin here.
    pub(crate) end: Timestamp,
}

impl Slot {
    fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Returns the slots of a contact within a time that are not taken, the first `most` of them.
pub(crate) fn free(
    contact: &Contact,
    taken: &[Slot],
    within: &Range<Timestamp>,
    now: Timestamp,
    most: usize,
) -> Vec<Slot> {
    let Range { start, end } = bookable(now);
    let (start, end) = (start.max(within.start), end.min(within.end));
    let mut found = Vec::new();
    let mut day = start.to_zoned(contact.zone.clone()).date();
    let last = end.to_zoned(contact.zone.clone()).date();
    while day <= last && found.len() < most {
        let fits = |slot: &Slot| {
            slot.start >= start && slot.end <= end && !taken.iter().any(|one| one.overlaps(slot))
        };
        found.extend(of_day(contact, day).into_iter().filter(fits));
        let Ok(next) = day.tomorrow() else {
            break;
        };
        day = next;
    }
    found.truncate(most);
    found
}

/// Returns the slot of a contact that begins then, whether it is taken or not.
pub(crate) fn starting(contact: &Contact, start: Timestamp, now: Timestamp) -> Option<Slot> {
    let day = start.to_zoned(contact.zone.clone()).date();
    let mut slots = of_day(contact, day).into_iter();
    let slot = slots.find(|slot| slot.start == start)?;
    let bookable = bookable(now);
    (slot.start >= bookable.start && slot.end <= bookable.end).then_some(slot)
}

/// Returns within which time anything can be booked.
fn bookable(now: Timestamp) -> Range<Timestamp> {
    now.saturating_add(NOTICE).unwrap_or(Timestamp::MAX)
        ..now.saturating_add(HORIZON).unwrap_or(Timestamp::MAX)
}

/// Returns all slots of a day, in order.
fn of_day(contact: &Contact, day: Date) -> Vec<Slot> {
    let Some(minutes) = contact.appointment else {
        return Vec::new();
    };
    let length = i64::from(minutes.get()).minutes();
    let mut slots = Vec::new();
    for opening in openings(contact, day) {
        let mut start = opening.start;
        while let Ok(end) = start.checked_add(length) {
            if end > opening.end {
                break;
            }
            slots.push(Slot { start, end });
            start = end;
        }
    }
    // The clocks may have been put forward over the hours of a day, and calendars over a whole one.
    slots.retain(|slot| {
        let is_that_day = slot.start.to_zoned(contact.zone.clone()).date() == day;
        let before_end = slot.end.saturating_sub(1.nanoseconds());
        is_that_day
            && contact.is_open(slot.start)
            && before_end.is_ok_and(|end| contact.is_open(end))
    });
    slots
}

/// Returns when a contact is there on a day, in order, hours that touch put together.
fn openings(contact: &Contact, day: Date) -> Vec<Range<Timestamp>> {
    let office_hours = [OFFICE_HOURS.parse().expect("a test reads them")];
    let hours: &[Hours] = if contact.hours.is_empty() {
        &office_hours
    } else {
        &contact.hours
    };
    let on_the_clock = hours.iter().filter_map(|hours| hours.of_day(day));
    let mut openings: Vec<Range<Timestamp>> = on_the_clock
        .filter_map(|(from, until)| {
            let moment = |at| contact.zone.to_ambiguous_timestamp(at).compatible().ok();
            Some(moment(from)?..moment(until)?)
        })
        .collect();
    openings.sort_by_key(|opening| opening.start);
    let mut together: Vec<Range<Timestamp>> = Vec::with_capacity(openings.len());
    for opening in openings {
        match together.last_mut() {
            Some(last) if opening.start <= last.end => last.end = last.end.max(opening.end),
            _ => together.push(opening),
        }
    }
    together
}

#[cfg(test)]
mod tests;
