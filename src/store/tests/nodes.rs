//! Several servers on one database: each looks after its own calls, and takes those of the dead.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::desk::{Desk, Place, on_both, said};
use crate::config::Database;
use crate::sessions::{CallId, EndReason, Status};
use crate::store::engine::Engine;
use crate::store::nodes::Presence;
use crate::store::{CallJournal, GONE, Store};
use agent_session::Journal;
use sqlx::{AssertSqlSafe, Executor};

on_both![
    a_node_that_starts_leaves_the_calls_of_the_living_alone,
    a_node_that_starts_again_finds_its_own_calls,
    calls_of_a_dead_node_go_to_one_of_the_others,
    a_living_node_takes_the_calls_of_a_dead_one_once,
    a_call_that_asks_for_its_session_is_taken_sooner,
    a_node_learns_which_of_its_calls_another_one_has,
    what_a_node_has_taken_over_is_not_for_the_one_before_to_end,
    a_node_learns_whether_another_one_uses_a_room,
    a_batch_whose_answer_was_lost_is_not_written_twice,
];

async fn a_node_that_starts_leaves_the_calls_of_the_living_alone(place: Place) {
    let desk = Desk::at(place).await;
    desk.begin("a", 1_000);
    desk.store.settled().await;

    let other = node(&desk.place.database, "other").await;

    assert_eq!(unended(&other).await, Vec::<String>::new());
}

async fn a_node_that_starts_again_finds_its_own_calls(place: Place) {
    let desk = Desk::at(place).await;
    desk.begin("a", 1_000);

    let desk = Desk::at(desk.stop().await).await;

    assert_eq!(unended(&desk.store).await, ["a"]);
}

async fn calls_of_a_dead_node_go_to_one_of_the_others(place: Place) {
    let desk = Desk::at(place).await;
    desk.begin("a", 1_000);
    desk.begin("b", 2_000);
    let place = desk.stop().await;
    age(&place.database, 31_000).await;

    let one = node(&place.database, "one").await;
    let two = node(&place.database, "two").await;
    let (one, two) = futures_util::join!(unended(&one), unended(&two));

    let mut taken = [one, two];
    taken.sort();
    assert_eq!(taken, [vec![], vec!["a".to_owned(), "b".to_owned()]]);
}

async fn a_living_node_takes_the_calls_of_a_dead_one_once(place: Place) {
    let desk = Desk::at(place).await;
    let one = node(&desk.place.database, "one").await;
    let two = node(&desk.place.database, "two").await;
    desk.begin("a", 1_000);
    desk.begin("b", 2_000);
    let place = desk.stop().await;

    let early = adrift(&one, None).await;
    age(&place.database, 31_000).await;
    let (one, two) = futures_util::join!(adrift(&one, None), adrift(&two, None));

    assert_eq!(early, Vec::<String>::new(), "its node was just seen");
    let mut taken = [one, two].concat();
    taken.sort();
    assert_eq!(taken, ["a", "b"]);
}

async fn a_call_that_asks_for_its_session_is_taken_sooner(place: Place) {
    let desk = Desk::at(place).await;
    let one = node(&desk.place.database, "one").await;
    desk.begin("a", 1_000);
    desk.begin("b", 2_000);
    let place = desk.stop().await;
    age(&place.database, 11_000).await;

    let all = adrift(&one, None).await;
    let silent = Duration::from_secs(10);
    let asked = one.calls_adrift(silent, Some("web-b")).await.unwrap();

    assert_eq!(all, Vec::<String>::new());
    let asked: Vec<_> = asked.iter().map(|call| call.session.as_str()).collect();
    assert_eq!(asked, ["web-b"]);
}

async fn a_node_learns_which_of_its_calls_another_one_has(place: Place) {
    let desk = Desk::at(place).await;
    desk.begin("a", 1_000);
    let place = desk.stop().await;
    let one = node(&place.database, "one").await;
    let two = node(&place.database, "two").await;
    let held = ["a", "new"].map(|id| CallId::from_store(id.into()));
    age(&place.database, 31_000).await;
    adrift(&one, None).await;
    let before = one.calls_elsewhere(&held).await.unwrap();

    // For a while the beats of the first one do not arrive.
    age(&place.database, 31_000).await;
    let taken = adrift(&two, None).await;

    let after = one.calls_elsewhere(&held).await.unwrap();
    assert_eq!(before, []);
    assert_eq!((taken, after), (vec!["a".into()], held[..1].to_vec()));
    assert_eq!(two.calls_elsewhere(&held).await.unwrap(), []);
}

async fn what_a_node_has_taken_over_is_not_for_the_one_before_to_end(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.advance(&call, Status::Active, 2_000);
    desk.store.settled().await;
    let other = node(&desk.place.database, "other").await;
    age(&desk.place.database, 31_000).await;
    let taken = adrift(&other, None).await;

    desk.advance(&call, Status::Ended(EndReason::CallerLeft), 3_000);
    desk.store.settled().await;

    let kept = other.call("web-a").await.unwrap().unwrap();
    assert_eq!(taken, ["a"]);
    assert_eq!((kept.status.as_str(), kept.ended_at), ("active", None));
}

async fn a_node_learns_whether_another_one_uses_a_room(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.store.settled().await;
    let other = node(&desk.place.database, "other").await;

    let own = desk.store.is_used_elsewhere("a").await.unwrap();
    let used = other.is_used_elsewhere("a").await.unwrap();
    desk.advance(&call, Status::Ended(EndReason::CallerLeft), 2_000);
    desk.store.settled().await;
    let ended = other.is_used_elsewhere("a").await.unwrap();

    assert_eq!((own, used, ended), (false, true, false));
}

async fn a_batch_whose_answer_was_lost_is_not_written_twice(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    let place = desk.stop().await;
    let (store, mut writer) = Store::open(&place.database).await.unwrap();
    let journal = CallJournal::new(store.clone(), call.clone());
    journal.keep(said("once")).await.unwrap();

    // The batch is written, and its answer is lost.
    writer.write_unheard().await;
    let stop = CancellationToken::new();
    stop.cancel();
    let lost = writer.run(stop).await;

    assert_eq!(lost, 0);
    assert_eq!(store.messages(&call, 10).await.unwrap().len(), 1);
}

#[test]
fn two_processes_of_a_node_are_told_apart() {
    let [one, two] = [(); 2].map(|()| Presence::new("local".to_owned()));

    assert_ne!(format!("{one:?}"), format!("{two:?}"));
}

pub(super) async fn node(database: &Database, name: &str) -> Store {
    Store::open_as(database, name).await.unwrap().0
}

/// Lets every node have been seen so much earlier.
pub(super) async fn age(database: &Database, milliseconds: u32) {
    let engine = Engine::new(database).unwrap();
    let mut connection = engine.writer().await.unwrap();
    let earlier = format!("UPDATE nodes SET seen_at = seen_at - {milliseconds}");
    connection.execute(AssertSqlSafe(earlier)).await.unwrap();
}

pub(super) async fn adrift(store: &Store, session: Option<&str>) -> Vec<String> {
    let calls = store.calls_adrift(GONE, session).await.unwrap();
    calls.into_iter().map(|call| call.id.to_string()).collect()
}

async fn unended(store: &Store) -> Vec<String> {
    let calls = store.unended_calls().await.unwrap();
    calls
        .into_iter()
        .map(|call| call.id)
        .map(|id: CallId| id.to_string())
        .collect()
}
