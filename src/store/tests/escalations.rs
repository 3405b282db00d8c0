//! Where escalations stand is kept in the end, and only by whoever looks after them.

use agent_session::Journal;
use futures_util::FutureExt;
use sqlx::Connection;

use super::desk::{Desk, Place, on_both, said};
use super::nodes::{adrift, age, node};
use crate::store::CallJournal;

on_both![
    what_cannot_be_kept_yet_is_kept_later,
    what_another_node_has_taken_over_stays_as_that_one_has_it,
];

async fn what_cannot_be_kept_yet_is_kept_later(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.store
        .keep_escalation("web-a", Some("calling".into()))
        .await;
    let lock = desk.lock().await;
    // What is said waits for the lock, and all that comes after it.
    let journal = CallJournal::new(desk.store.clone(), call);
    journal.keep(said("one moment")).await.unwrap();

    for state in [None, Some("talking".to_owned())] {
        let kept = desk.store.keep_escalation("web-a", state);
        assert!(kept.now_or_never().is_none(), "nobody can keep it");
    }
    let before = desk.store.escalation("web-a").await.unwrap();
    lock.close().await.unwrap();
    desk.store.settled().await;

    let after = desk.store.escalation("web-a").await.unwrap();
    assert_eq!(before.as_deref(), Some("calling"));
    assert_eq!(after.as_deref(), Some("talking"));
    desk.store.keep_escalation("web-a", None).await;
    assert_eq!(desk.store.escalation("web-a").await.unwrap(), None);
}

async fn what_another_node_has_taken_over_stays_as_that_one_has_it(place: Place) {
    let desk = Desk::at(place).await;
    desk.begin("a", 1_000);
    desk.store
        .keep_escalation("web-a", Some("calling".into()))
        .await;
    let other = node(&desk.place.database, "other").await;
    age(&desk.place.database, 31_000).await;
    let taken = adrift(&other, None).await;

    for state in [Some("talking".to_owned()), None] {
        desk.store.keep_escalation("web-a", state).await;
        let kept = other.escalation("web-a").await.unwrap();
        assert_eq!(kept.as_deref(), Some("calling"));
    }

    assert_eq!(taken, ["a"]);
}
