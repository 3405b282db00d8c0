//! Callbacks on either database: claimed once, given back, wiped.

use super::desk::{Desk, Place, on_both};
use crate::config::RecordSettings;
use crate::dial::{Keeping, Number};
use crate::store::{CallbackState, Counting, Moment, NewCallback, Noted};

on_both![
    a_callback_is_claimed_once_it_is_due_and_by_one,
    whoever_asks_again_is_called_once_as_they_want_it_now,
    one_that_failed_waits_for_its_next_time,
    one_of_a_process_that_has_died_is_taken_by_the_next,
    of_one_that_is_over_stays_what_is_kept_of_its_number,
    nobody_is_called_back_whose_number_was_erased,
];

const LATER: Moment = Moment(2_000);

fn wanted(id: &str, number: &str) -> NewCallback {
    NewCallback {
        id: id.to_owned(),
        session: "web-a".to_owned(),
        profile: None,
        language: "en".to_owned(),
        contact: Some("thomas".to_owned()),
        name: Some("Ann".to_owned()),
        number: number_of(number),
        reason: Some("an invoice".to_owned()),
        summary: None,
        by: "agent".to_owned(),
        at: Moment(1_000),
        due: LATER,
    }
}

fn number_of(text: &str) -> Number {
    Number::parse(text, None).unwrap()
}

async fn a_callback_is_claimed_once_it_is_due_and_by_one(place: Place) {
    let desk = Desk::at(place).await;
    let store = &desk.store;

    for (id, number) in [("a", "+4930901820"), ("b", "+4930901821")] {
        store.note_callback(&wanted(id, number)).await.unwrap();
    }
    let early = store.claim_callback(Moment(1_999)).await.unwrap();
    let claims = (0..8).map(|_| store.claim_callback(LATER));
    let claims = futures_util::future::join_all(claims).await;
    let claimed: Vec<_> = claims.into_iter().filter_map(Result::unwrap).collect();

    assert_eq!(early, None);
    assert_eq!(claimed.len(), 1);
    assert_eq!((claimed[0].id.as_str(), claimed[0].attempts), ("a", 1));
    assert_eq!(claimed[0].whole_number(), Some(number_of("+4930901820")));
    assert!(store.end_callback("a", CallbackState::Done).await.unwrap());
    let next = store.claim_callback(LATER).await.unwrap().unwrap();
    assert_eq!(next.id, "b");
}

async fn whoever_asks_again_is_called_once_as_they_want_it_now(place: Place) {
    let desk = Desk::at(place).await;
    let store = &desk.store;

    let first = wanted("a", "+4930901820");
    store.note_callback(&first).await.unwrap();
    let again = NewCallback {
        id: "b".to_owned(),
        due: Moment(5_000),
        reason: None,
        ..first.clone()
    };
    let noted = store.note_callback(&again).await.unwrap();

    assert_eq!(noted, Noted::As("a".to_owned()));
    let kept = store.callbacks(10).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].due_at, Moment(5_000));
    assert_eq!(kept[0].reason.as_deref(), Some("an invoice"));
    store.claim_callback(Moment(5_000)).await.unwrap().unwrap();
    let under_way = store.note_callback(&again).await.unwrap();
    assert_eq!(under_way, Noted::UnderWay("a".to_owned()));
}

async fn one_that_failed_waits_for_its_next_time(place: Place) {
    let desk = Desk::at(place).await;
    let store = &desk.store;

    store
        .note_callback(&wanted("a", "+4930901820"))
        .await
        .unwrap();
    store.claim_callback(LATER).await.unwrap().unwrap();
    let again = Moment(9_000);
    store
        .put_callback_back("a", again, Counting::Counts)
        .await
        .unwrap();
    let early = store.claim_callback(LATER).await.unwrap();
    let second = store.claim_callback(again).await.unwrap().unwrap();
    store
        .put_callback_back("a", again, Counting::CountsNot)
        .await
        .unwrap();
    let third = store.claim_callback(again).await.unwrap().unwrap();

    assert_eq!(early, None);
    assert_eq!((second.attempts, third.attempts), (2, 2));
}

async fn one_of_a_process_that_has_died_is_taken_by_the_next(place: Place) {
    let desk = Desk::at(place).await;
    desk.store
        .note_callback(&wanted("a", "+4930901820"))
        .await
        .unwrap();
    desk.store.claim_callback(LATER).await.unwrap().unwrap();

    let desk = Desk::at(desk.stop().await).await;
    let store = &desk.store;

    assert_eq!(store.claim_callback(LATER).await.unwrap(), None);
    let taken = store.take_abandoned_callbacks().await.unwrap();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].state, CallbackState::Dialling);
}

async fn of_one_that_is_over_stays_what_is_kept_of_its_number(place: Place) {
    let desk = Desk::at(place).await;
    for (keeping, kept) in [
        (Keeping::None, None),
        (Keeping::Full, Some("+4930901820")),
        (Keeping::Redacted, Some("+49…20")),
    ] {
        let store = desk.store.clone().with(RecordSettings {
            numbers: keeping,
            ..RecordSettings::default()
        });
        let id = format!("{keeping:?}");
        store
            .note_callback(&wanted(&id, "+4930901820"))
            .await
            .unwrap();

        assert!(
            store
                .end_callback(&id, CallbackState::Missed)
                .await
                .unwrap()
        );
        assert!(!store.end_callback(&id, CallbackState::Done).await.unwrap());

        let record = store.callback(&id).await.unwrap().unwrap();
        assert_eq!(record.number.as_deref(), kept);
        assert_eq!(record.state, CallbackState::Missed);
    }
}

async fn nobody_is_called_back_whose_number_was_erased(place: Place) {
    let desk = Desk::at(place).await;
    let store = &desk.store;
    store
        .note_callback(&wanted("a", "+4930901820"))
        .await
        .unwrap();

    store.erase_number(&number_of("+4930901820")).await.unwrap();

    assert_eq!(store.claim_callback(LATER).await.unwrap(), None);
    assert_eq!(store.callback("a").await.unwrap(), None);
}
