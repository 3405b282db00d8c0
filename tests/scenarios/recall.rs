//! Callbacks that outlive their server: it is killed at each state and started again.

use connectors_twilio_twin::{Call, Persona};
use futures_util::FutureExt;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::house::{ECHO, House, Rest};
use crate::resumption::{CONTACTS, THOMAS, VISITOR, hear_each_other, next, nobody_else_is_called};
use crate::running::{API_KEY, soon, until};
use crate::telephone::started;

/// Soon enough for a test; one attempt may fail.
const CALLBACKS: &str = "
[callbacks]
retry_ms = [300]
look_ms = 50
";

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_contact_rings_it_calls_them_anew_and_then_the_caller() {
    let house = office().await;
    house.place.twin.phone(THOMAS, Persona::NoAnswer);
    house.place.twin.phone(VISITOR, Persona::human());
    let id = asks(&house).await;
    let ringing = next(&house).await;
    keeps(&house, &[&ringing]).await;

    house.place.twin.phone(THOMAS, Persona::silent());
    let house = house.dies_and_comes_back(Rest::Reached).await;
    let thomas = next(&house).await;
    let was_let_go = is_over(&ringing);
    let visitor = next(&house).await;
    let record = done(&house, &id).await;

    assert!(was_let_go, "{:#?}", ringing.events());
    assert_eq!((thomas.to(), visitor.to()), (THOMAS, VISITOR));
    assert_eq!(record["attempts"], 2, "{record}");
    part(house, &thomas, &visitor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_contact_waits_and_the_caller_rings_it_lets_both_go_and_calls_both_anew() {
    let house = office().await;
    house.place.twin.phone(THOMAS, Persona::silent());
    house.place.twin.phone(VISITOR, Persona::NoAnswer);
    let id = asks(&house).await;
    let (waits, rings) = (next(&house).await, next(&house).await);
    started(&waits, 1).await;
    keeps(&house, &[&waits, &rings]).await;

    house.place.twin.phone(VISITOR, Persona::human());
    let house = house.dies_and_comes_back(Rest::Reached).await;
    let thomas = next(&house).await;
    let were_let_go = [is_over(&waits), is_over(&rings)];
    let visitor = next(&house).await;
    let record = done(&house, &id).await;

    assert_eq!(were_let_go, [true, true], "nobody is called twice at once");
    assert_eq!((thomas.to(), visitor.to()), (THOMAS, VISITOR));
    assert_eq!(record["attempts"], 2, "{record}");
    part(house, &thomas, &visitor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_they_talk_it_brings_both_back_and_calls_nobody_again() {
    let house = office().await;
    house.place.twin.phone(THOMAS, Persona::silent());
    house.place.twin.phone(VISITOR, Persona::human());
    let id = asks(&house).await;
    let (thomas, visitor) = (next(&house).await, next(&house).await);
    started(&visitor, 1).await;
    until(async || house.keeps("\"connected\":[\"thomas\"")).await;

    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&thomas, 2).await;
    started(&visitor, 2).await;
    hear_each_other(&thomas, &visitor).await;
    let record = done(&house, &id).await;

    assert_eq!(record["attempts"], 1, "{record}");
    part(house, &thomas, &visitor).await;
}

async fn office() -> House {
    House::open(&format!("{ECHO}{CONTACTS}{CALLBACKS}")).await
}

/// Somebody on the website wants to be called back at once, and leaves; returns the callback's id.
async fn asks(house: &House) -> String {
    let post = async |path: &str, body: Value| -> Value {
        let request = house.request(reqwest::Method::POST, path).json(&body);
        let answer = soon(request.bearer_auth(API_KEY).send()).await.unwrap();
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
        soon(answer.json()).await.unwrap()
    };
    let body = json!({ "roomName": "web", "hostIdentity": "ann" });
    let page = Caller::join(&post("/room/create", body).await).await;
    let body = json!({ "phoneNumber": VISITOR, "inMinutes": 0 });
    let asked = post("/room/web/callback", body).await;
    soon(page.room.close()).await.unwrap();
    asked["callbackId"].as_str().unwrap().to_owned()
}

/// Waits until it is written down that these are being called.
async fn keeps(house: &House, calls: &[&Call]) {
    let sids: Vec<String> = calls
        .iter()
        .map(|call| format!("\"{}\"", call.sid()))
        .collect();
    let kept = format!("\"calls\":[{}]", sids.join(","));
    until(async || house.keeps(&kept)).await;
}

/// Waits until a callback has come about, and returns what is listed of it.
async fn done(house: &House, id: &str) -> Value {
    let listed = async || {
        let listed = house.look("/callbacks").await;
        let mut callbacks = listed["callbacks"].as_array().unwrap().iter();
        callbacks.find(|one| one["id"] == id).unwrap().clone()
    };
    until(async || listed().await["state"] == "done").await;
    listed().await
}

/// The caller hangs up: the contact is let go, and nothing is left.
async fn part(house: House, thomas: &Call, visitor: &Call) {
    visitor.hang_up();
    soon(thomas.ended()).await;
    until(async || house.look("/sessions").await["sessions"] == json!([])).await;
    assert!(nobody_else_is_called(&house));
    house.livekit.finish().await.unwrap();
}

fn is_over(call: &Call) -> bool {
    call.ended().now_or_never().is_some()
}
