//! Appointments on both databases: nobody is met by two at a time.

use futures_util::future::join_all;

use super::desk::{Desk, Place, on_both};
use crate::config::RecordSettings;
use crate::dial::{Keeping, Number};
use crate::store::{Booked, Moment, NewAppointment};

on_both![
    of_fifty_who_want_the_same_time_one_gets_it,
    a_time_that_overlaps_is_taken_and_the_next_one_is_not,
    one_conversation_makes_three_and_no_more,
    a_number_that_is_erased_leaves_the_time_taken_and_nobodys,
];

/// A time in the far future, in ms since 1970.
const NINE: i64 = 4_000_000_000_000;

const HALF_AN_HOUR: i64 = 1_800_000;

async fn of_fifty_who_want_the_same_time_one_gets_it(place: Place) {
    let desk = Desk::at(place).await;
    let wanted: Vec<_> = (0..50)
        .map(|who| appointment(&format!("apt-{who}"), NINE))
        .collect();

    let booked = join_all(wanted.iter().map(|new| desk.store.book_appointment(new))).await;

    let booked: Vec<Booked> = booked.into_iter().map(Result::unwrap).collect();
    let done = booked.iter().filter(|one| **one == Booked::Done).count();
    let taken = booked.iter().filter(|one| **one == Booked::Taken).count();
    assert_eq!((done, taken), (1, 49));
    assert_eq!(desk.store.appointments(Moment(0)).await.unwrap().len(), 1);
}

async fn a_time_that_overlaps_is_taken_and_the_next_one_is_not(place: Place) {
    let desk = Desk::at(place).await;
    let book = async |new: NewAppointment| desk.store.book_appointment(&new).await.unwrap();

    assert_eq!(book(appointment("a", NINE)).await, Booked::Done);
    assert_eq!(book(appointment("b", NINE + 60_000)).await, Booked::Taken);
    assert_eq!(book(appointment("c", NINE - 60_000)).await, Booked::Taken);
    assert_eq!(
        book(appointment("d", NINE + HALF_AN_HOUR)).await,
        Booked::Done
    );
    let of_maria = NewAppointment {
        contact: "maria".to_owned(),
        ..appointment("e", NINE)
    };
    assert_eq!(book(of_maria).await, Booked::Done);

    assert!(desk.store.cancel_appointment("a").await.unwrap());
    assert!(!desk.store.cancel_appointment("a").await.unwrap());
    assert_eq!(book(appointment("f", NINE)).await, Booked::Done);
    let within = (Moment(NINE), Moment(NINE + 60_000));
    let taken = desk.store.taken("thomas", within).await.unwrap();
    assert_eq!(taken, [(Moment(NINE), Moment(NINE + HALF_AN_HOUR))]);
}

async fn one_conversation_makes_three_and_no_more(place: Place) {
    let desk = Desk::at(place).await;
    let of_ann = |number: i64| NewAppointment {
        session: Some("web-ann".to_owned()),
        ..appointment(&number.to_string(), NINE + number * HALF_AN_HOUR)
    };

    let mut booked = Vec::new();
    for number in 0..4 {
        booked.push(desk.store.book_appointment(&of_ann(number)).await.unwrap());
    }

    assert_eq!(booked[..3], [Booked::Done; 3]);
    assert_eq!(booked[3], Booked::TooMany);
}

async fn a_number_that_is_erased_leaves_the_time_taken_and_nobodys(place: Place) {
    let desk = Desk::at(place).await;
    let ada = Number::parse("+41791234567", None).unwrap();
    let new = NewAppointment {
        number: Some(ada.clone()),
        name: Some("Ada".to_owned()),
        reason: Some("an invoice".to_owned()),
        ..appointment("a", NINE)
    };
    let settings = RecordSettings {
        numbers: Keeping::Redacted,
        ..RecordSettings::default()
    };
    let store = desk.store.clone().with(settings);
    store.book_appointment(&new).await.unwrap();

    let before = desk.store.appointment("a").await.unwrap().unwrap();
    desk.store.erase_number(&ada).await.unwrap();
    let after = desk.store.appointment("a").await.unwrap().unwrap();

    assert_eq!(
        before.number.as_deref(),
        Some("+41…67"),
        "as little as is kept"
    );
    assert_eq!(before.name.as_deref(), Some("Ada"));
    assert_eq!((after.name, after.number, after.reason), (None, None, None));
    assert_eq!(after.start, Moment(NINE));
}

fn appointment(id: &str, start: i64) -> NewAppointment {
    NewAppointment {
        id: id.to_owned(),
        contact: "thomas".to_owned(),
        start: Moment(start),
        end: Moment(start + HALF_AN_HOUR),
        session: None,
        name: None,
        number: None,
        reason: None,
    }
}
