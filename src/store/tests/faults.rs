//! What goes wrong with databases: full disks, broken starts, several starts at once, an end that comes too early.

use agent_session::Journal;
use sqlx::{AnyConnection, Connection, Executor};

use super::desk::{Desk, Place, on_both, said};
use crate::config::Database;
use crate::store::engine::Engine;
use crate::store::migrations::{STEPS, migrator};
use crate::store::{CallJournal, Store, StoreError};

on_both![
    a_step_that_broke_off_is_taken_by_the_next_start,
    servers_that_start_at_once_agree_on_the_tables,
    a_server_on_the_tables_of_a_newer_one_goes_on,
    a_server_that_starts_while_another_writes_waits,
    what_the_database_never_took_is_counted_at_the_end,
];

#[tokio::test]
async fn a_full_disk_makes_records_wait_and_loses_none() {
    let place = Place::file();
    let mut other = ballast(&place.database).await;
    let pages = sqlx::query_scalar::<_, i64>("PRAGMA page_count")
        .fetch_one(&mut other)
        .await
        .unwrap();
    // The disk ends where the file does.
    let engine = Engine::new(&place.database)
        .unwrap()
        .opening_with(&format!("PRAGMA max_page_count = {pages};"));
    let mut limited = engine.writer().await.unwrap();
    let desk = Desk::on(place, engine).await;
    let call = desk.begin("a", 1_000);
    let journal = CallJournal::new(desk.store.clone(), call.clone());

    for _ in 0..500 {
        journal.keep(said(&"word ".repeat(50))).await.unwrap();
    }
    let full = limited
        .execute("INSERT INTO ballast SELECT hex(randomblob(20000))")
        .await;
    let while_full = desk.store.messages(&call, 1_000).await.unwrap().len();
    other.execute("DELETE FROM ballast").await.unwrap();
    desk.store.settled().await;

    let full = full.unwrap_err().to_string();
    assert!(full.contains("full"), "{full}");
    assert!(while_full < 500, "{while_full}");
    assert_eq!(desk.store.messages(&call, 1_000).await.unwrap().len(), 500);
    desk.stop().await;
}

async fn a_step_that_broke_off_is_taken_by_the_next_start(place: Place) {
    let engine = Engine::new(&place.database).unwrap();
    let pool = engine.readers().await.unwrap();
    let broken = "CREATE TABLE intents (id TEXT PRIMARY KEY); CREATE TABLE calls (id TEXT);";
    let steps = [STEPS[0], (STEPS[1].0, "dialling", broken)];

    let first = migrator(&steps).run(&pool).await;
    let left = pool.execute("SELECT id FROM intents").await;
    pool.close().await;
    let desk = Desk::at(place).await;

    assert!(first.is_err());
    assert!(left.is_err(), "half a step may not be left");
    let call = desk.begin("a", 1_000);
    desk.store.settled().await;
    assert!(desk.store.call(call.as_str()).await.unwrap().is_some());
    assert!(desk.store.open_intents().await.unwrap().is_empty());
}

async fn servers_that_start_at_once_agree_on_the_tables(place: Place) {
    let starts = (0..4).map(|_| Store::open(&place.database));

    let started = futures_util::future::join_all(starts).await;

    let salts: Vec<_> = started
        .into_iter()
        .map(|start| start.unwrap().0.salt().clone())
        .collect();
    assert!(salts.iter().all(|salt| *salt == salts[0]));
}

async fn a_server_on_the_tables_of_a_newer_one_goes_on(place: Place) {
    let engine = Engine::new(&place.database).unwrap();
    let pool = engine.readers().await.unwrap();
    let mut steps = STEPS.to_vec();
    steps.push((999, "newer", "ALTER TABLE calls ADD COLUMN mood TEXT"));
    migrator(&steps).run(&pool).await.unwrap();

    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.store.settled().await;

    assert!(desk.store.call(call.as_str()).await.unwrap().is_some());
}

async fn a_server_that_starts_while_another_writes_waits(place: Place) {
    let desk = Desk::at(place).await;
    let lock = desk.lock().await;

    let database = desk.place.database.clone();
    let starting = tokio::spawn(async move { Store::open(&database).await.map(drop) });
    // Longer than a statement waits.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    lock.close().await.unwrap();

    let started: Result<(), StoreError> = starting.await.unwrap();
    assert!(started.is_ok(), "{started:?}");
}

async fn what_the_database_never_took_is_counted_at_the_end(place: Place) {
    let desk = Desk::at(place).await;
    let call = desk.begin("a", 1_000);
    desk.store.settled().await;
    let journal = CallJournal::new(desk.store.clone(), call.clone());
    let lock = desk.lock().await;
    for number in 0..700 {
        journal.keep(said(&number.to_string())).await.unwrap();
    }

    let (place, lost) = desk.stop_anyhow().await;
    lock.close().await.unwrap();

    let desk = Desk::at(place).await;
    let kept = desk.store.messages(&call, 1_000).await.unwrap().len();
    assert_eq!((lost, kept), (700, 0));
}

/// Fills a file with what can be thrown away later.
async fn ballast(database: &Database) -> AnyConnection {
    let (store, _) = Store::open(database).await.unwrap();
    drop(store);
    let engine = Engine::new(database).unwrap();
    let mut connection = engine.writer().await.unwrap();
    connection
        .execute(
            "CREATE TABLE ballast (text TEXT); \
             WITH RECURSIVE rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < 200) \
             INSERT INTO ballast SELECT hex(randomblob(2000)) FROM rows;",
        )
        .await
        .unwrap();
    connection
}
