//! A server with many calls on the line is asked to stop.

use std::sync::Arc;
use std::time::Duration;

use connectors_twilio_twin::{Call, Reason, What};
use futures_util::future::join_all;
use patchbay::sessions::Drained;
use patchbay::store::{CallFilter, CallRecord, Store};

use crate::agents::Parrot;
use crate::running::{soon, until};
use crate::telephone::{Telephone, hears_back, told};
use crate::world::Choices;

const CALLS: u8 = 20;

/// Longer than the test.
const GRACE: Duration = Duration::from_secs(300);

/// Calls speak on different notes: nobody takes one for another.
fn note(nth: u8) -> f32 {
    400.0 + 40.0 * f32::from(nth)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_asked_to_stop_lets_its_calls_end_by_themselves() {
    let phone = talking(GRACE).await;
    let calls = conversations(&phone).await;

    phone.world.drain.cancel();
    until(async || phone.world.get("/readyz").await.status == 503).await;
    let late = phone.rings();
    let refusal = told(&late).await;
    join_all(
        (0_u8..)
            .zip(&calls)
            .map(|(nth, call)| hears_back(call, note(nth) + 15.0)),
    )
    .await;
    let (last, others) = calls.split_last().unwrap();
    for call in others {
        call.hang_up();
    }
    until(async || phone.world.get("/sessions").await.json()["total"] == 1).await;
    hears_back(last, 333.0).await;
    last.hang_up();
    let store = phone.world.store.clone();
    let drained = soon(phone.world.stop()).await;

    assert!(refusal.contains("about to restart"), "{refusal}");
    assert_eq!(soon(late.ended()).await.reason, Reason::Hangup);
    assert_eq!(drained, Drained::Completely);
    for call in &calls {
        assert_eq!(soon(call.ended()).await.reason, Reason::Person);
        assert_eq!(breaks(call), 0, "{:#?}", call.events());
    }
    let records = records(&store).await;
    assert_eq!(records.len(), calls.len(), "the refused call has none");
    for record in records {
        assert_eq!(record.reason.as_deref(), Some("caller-left"), "{record:?}");
        assert!(record.answered_at.is_some() && record.ended_at.is_some());
        let line = record.line.expect("it is a call");
        assert!(line.from.is_some() && line.call_sid.is_some(), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_outlast_the_grace_period_are_ended_by_the_server() {
    let phone = talking(Duration::from_secs(1)).await;
    let calls = conversations(&phone).await;

    let store = phone.world.store.clone();
    let drained = soon(phone.world.stop()).await;

    assert_eq!(drained, Drained::Cutting(calls.len()));
    for call in &calls {
        assert_eq!(soon(call.ended()).await.reason, Reason::Api);
    }
    for record in records(&store).await {
        assert_eq!(record.reason.as_deref(), Some("timeout"), "{record:?}");
    }
}

async fn talking(grace: Duration) -> Telephone {
    Telephone::with(|rooms| Choices {
        agent: Some(Arc::new(Parrot::new(rooms.clone()))),
        grace,
        ..Choices::default()
    })
    .await
}

/// Many call, and each is in conversation.
async fn conversations(phone: &Telephone) -> Vec<Call> {
    let calls = join_all((0..CALLS).map(|_| phone.connects())).await;
    until(async || {
        let sessions = phone.world.get("/sessions").await.json();
        let sessions = sessions["sessions"].as_array().unwrap().clone();
        sessions
            .iter()
            .filter(|one| one["status"] == "active")
            .count()
            == calls.len()
    })
    .await;
    join_all(
        (0_u8..)
            .zip(&calls)
            .map(|(nth, call)| hears_back(call, note(nth))),
    )
    .await;
    calls
}

/// Returns how often a call was without a socket before its end.
fn breaks(call: &Call) -> usize {
    let is_start = |what: &What| matches!(what, What::StreamStarted { .. });
    let events = call.events();
    events.iter().filter(|event| is_start(&event.what)).count() - 1
}

async fn records(store: &Store) -> Vec<CallRecord> {
    let page = store.calls(&CallFilter::default(), None, 100).await;
    page.unwrap().calls
}
