//! Two servers share their records, and one of them is cut off from these in mid-call.

use connectors_twilio_twin::{Call, Persona};
use futures_util::FutureExt;
use livekit::participant::ParticipantKind;
use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::pair::{Pair, at_last, look, record, status};
use crate::resumption::{THOMAS, escalate, hear_each_other, picks_up_after, sockets};
use crate::running::{API_KEY, soon, until};
use crate::telephone::{hears_back, room, session, started};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_cut_off_from_the_records_leaves_its_calls_to_the_other_one() {
    let pair = Pair::open().await;
    let (eve, web) = visits(&pair).await;
    let ann = pair.calls().await;
    hears_back(&ann, 440.0).await;
    let before = agents(&eve);

    pair.wire.cut();
    at_last(async || {
        let now = agents(&eve);
        now.len() == 1 && now != before
    })
    .await;
    let taken = agents(&eve);
    started(&ann, 2).await;
    hears_back(&ann, 700.0).await;

    let kept = status(&pair.severed, &web).await;
    assert_eq!(kept, "active", "it cannot know whose it is");
    assert_eq!(agents(&eve), taken, "nobody else is put in");
    pair.wire.mend();
    until(async || status(&pair.severed, &web).await.is_empty()).await;
    hears_back(&ann, 440.0).await;

    assert_eq!(agents(&eve), taken);
    assert_eq!(status(&pair.severed, &session(&ann)).await, "");
    let path = format!("/room/{}", room(&ann));
    let people = look(&pair.other, &path).await["participants"].clone();
    let kinds: Vec<_> = people.as_array().unwrap().iter().collect();
    let agents = kinds.iter().filter(|one| one["kind"] == "agent");
    assert_eq!((kinds.len(), agents.count()), (2, 1), "{people}");
    for id in [&web, &session(&ann)] {
        assert_eq!(status(&pair.other, id).await, "active");
        assert_eq!(record(&pair.severed, id).await["status"], "active");
    }
    pair.takes_a_new_call().await;
    ann.hang_up();
    soon(eve.room.close()).await.unwrap();
    for id in [&web, &session(&ann)] {
        until(async || record(&pair.severed, id).await["reason"] == "caller-left").await;
        assert_eq!(status(&pair.other, id).await, "");
    }
    assert!(pair.twin.next_call().now_or_never().is_none());
    pair.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_talks_with_a_contact_goes_on_with_them_at_the_other_one() {
    let pair = Pair::open().await;
    let (ann, thomas) = talk_with_thomas(&pair).await;
    let path = format!("/room/{}", room(&ann));

    pair.wire.cut();
    at_last(async || [&ann, &thomas].map(sockets) == [2, 2]).await;
    hear_each_other(&ann, &thomas).await;
    pair.wire.mend();
    until(async || status(&pair.severed, &session(&ann)).await.is_empty()).await;
    hear_each_other(&ann, &thomas).await;

    let escalation = look(&pair.other, &path).await["escalation"].clone();
    assert_eq!(escalation["state"], "connected", "{escalation}");
    assert_eq!(escalation["contact"], "Thomas", "{escalation}");
    assert_eq!([&ann, &thomas].map(sockets), [2, 2]);
    thomas.hang_up();
    until(async || look(&pair.other, &path).await["escalation"].is_null()).await;
    hears_back(&ann, 700.0).await;
    ann.hang_up();
    let id = session(&ann);
    until(async || record(&pair.severed, &id).await["reason"] == "caller-left").await;
    assert!(pair.twin.next_call().now_or_never().is_none());
    pair.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_who_comes_while_nothing_can_be_kept_is_called_anew_by_the_other_one() {
    let pair = Pair::open().await;
    pair.twin.phone(THOMAS, picks_up_after(3));
    let ann = pair.calls().await;
    escalate(&pair.severed, &ann, &json!({})).await;
    let thomas = soon(pair.twin.next_call()).await.unwrap();
    let ringing = format!("\"calls\":[\"{}\"]", thomas.sid());
    until(async || pair.escalation_of(&ann).await.contains(&ringing)).await;

    pair.wire.cut();
    hear_each_other(&ann, &thomas).await;
    at_last(async || sockets(&ann) == 2).await;
    let again = soon(pair.twin.next_call()).await.unwrap();
    soon(thomas.ended()).await;
    hear_each_other(&ann, &again).await;
    pair.wire.mend();
    until(async || status(&pair.severed, &session(&ann)).await.is_empty()).await;
    hear_each_other(&ann, &again).await;

    assert_eq!(again.to(), THOMAS);
    assert_eq!([&thomas, &again].map(sockets), [1, 1]);
    ann.hang_up();
    soon(again.ended()).await;
    let id = session(&ann);
    until(async || record(&pair.severed, &id).await["reason"] == "caller-left").await;
    assert!(pair.twin.next_call().now_or_never().is_none());
    pair.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_let_go_when_the_caller_leaves_while_nobody_reaches_the_records() {
    let pair = Pair::open().await;
    pair.other.signal(Signal::SIGKILL);
    let (ann, thomas) = talk_with_thomas(&pair).await;

    pair.wire.cut();
    ann.hang_up();
    soon(thomas.ended()).await;
    pair.wire.mend();

    let id = session(&ann);
    until(async || record(&pair.severed, &id).await["reason"] == "caller-left").await;
    assert_eq!(pair.escalation_of(&ann).await, "");
    assert!(pair.twin.next_call().now_or_never().is_none());
    pair.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_escalation_whose_end_was_never_kept_is_over_all_the_same() {
    let pair = Pair::open().await;
    pair.other.signal(Signal::SIGKILL);
    let (ann, thomas) = talk_with_thomas(&pair).await;

    pair.wire.cut();
    thomas.hang_up();
    hears_back(&ann, 700.0).await;
    assert_ne!(pair.escalation_of(&ann).await, "");
    let pair = pair.dies_mended_and_comes_back().await;
    started(&ann, 2).await;
    hears_back(&ann, 440.0).await;

    let path = format!("/room/{}", room(&ann));
    until(async || look(&pair.severed, &path).await["escalation"].is_null()).await;
    until(async || pair.escalation_of(&ann).await.is_empty()).await;
    ann.hang_up();
    let id = session(&ann);
    until(async || record(&pair.severed, &id).await["reason"] == "caller-left").await;
    assert!(pair.twin.next_call().now_or_never().is_none());
    pair.livekit.finish().await.unwrap();
}

/// Somebody calls and talks with a contact. By the end it is kept where they stand.
async fn talk_with_thomas(pair: &Pair) -> (Call, Call) {
    pair.twin.phone(THOMAS, Persona::silent());
    let ann = pair.calls().await;
    let path = format!("/room/{}", room(&ann));
    escalate(&pair.severed, &ann, &json!({})).await;
    let thomas = soon(pair.twin.next_call()).await.unwrap();
    until(async || look(&pair.severed, &path).await["escalation"]["state"] == "connected").await;
    hear_each_other(&ann, &thomas).await;
    (ann, thomas)
}

/// Somebody comes by the web and meets an agent. Returns the session's id as well.
async fn visits(pair: &Pair) -> (Caller, String) {
    let create = pair.severed.request(Method::POST, "/room/create");
    let created = soon(create.bearer_auth(API_KEY).json(&json!({})).send()).await;
    let created: Value = created.unwrap().json().await.unwrap();
    let id = created["sessionId"].as_str().unwrap().to_owned();
    let caller = Caller::join(&created).await;
    until(async || agents(&caller).len() == 1).await;
    until(async || status(&pair.severed, &id).await == "active").await;
    (caller, id)
}

fn agents(caller: &Caller) -> Vec<String> {
    let others = caller.room.remote_participants();
    let agents = others
        .values()
        .filter(|one| one.kind() == ParticipantKind::Agent);
    agents.map(|one| one.identity().to_string()).collect()
}
