//! Escalations that outlive their server: it is killed at each state and started again.

use connectors_twilio_twin::{Call, Persona, Reason, What};
use futures_util::FutureExt;
use room_media::{Dbfs, SampleRate};
use serde_json::{Value, json};

use crate::house::{ECHO, House, Rest};
use crate::running::{API_KEY, Running, soon, until};
use crate::telephone::{hears_back, room, session, started};

pub(crate) const THOMAS: &str = "+15005550020";
pub(crate) const VISITOR: &str = "+15005550021";

/// Who can be called, and whom a telephone is let ring for.
pub(crate) const CONTACTS: &str = r#"
[dialling]
open_prefixes = ["+1500555"]

[contacts.thomas]
name = "Thomas"
phones = ["+15005550020"]
"#;

/// Somebody who can brief. It listens to nobody for long.
const VOICE: &str = r#"
[profiles.desk]
greeting = "Good morning."
[profiles.desk.turn]
idle_prompt_after_ms = 0
"#;

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_telephones_ring_it_calls_the_contact_anew_and_the_visitor_not_again() {
    let house = office(ECHO).await;
    for number in [THOMAS, VISITOR] {
        house.place.twin.phone(number, Persona::NoAnswer);
    }
    let ann = house.connects().await;
    escalate(&house.serve, &ann, &json!({ "callerNumber": VISITOR })).await;
    let ringing = [next(&house).await, next(&house).await];
    let [thomas, visitor] = sorted(ringing);
    is(&house, &ann, "dialling").await;
    let calls = format!("\"calls\":[\"{}\"]", thomas.sid());
    let own = format!("\"visitor\":\"{}\"", visitor.sid());
    until(async || house.keeps(&calls) && house.keeps(&own)).await;

    house.place.twin.phone(THOMAS, Persona::silent());
    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&ann, 2).await;
    let again = next(&house).await;
    is(&house, &ann, "connected").await;

    assert_eq!(again.to(), THOMAS);
    assert_eq!(soon(thomas.ended()).await.reason, Reason::Api);
    assert!(nobody_else_is_called(&house), "each is called once");
    leave(&house, &ann).await;
    for call in [visitor, again] {
        soon(call.ended()).await;
    }
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_as_it_calls_it_leaves_nobody_behind_who_picks_up_later() {
    let house = office(ECHO).await;
    house.place.twin.phone(THOMAS, picks_up_after(6));
    let ann = house.connects().await;
    escalate(&house.serve, &ann, &json!({})).await;
    let forgotten = next(&house).await;

    house.place.twin.phone(THOMAS, Persona::silent());
    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&ann, 2).await;
    let again = next(&house).await;
    is(&house, &ann, "connected").await;
    soon(forgotten.ended()).await;

    let streams = |what: &What| matches!(what, What::StreamStarted { .. });
    let events = forgotten.events();
    assert!(
        !events.iter().any(|event| streams(&event.what)),
        "{events:#?}"
    );
    assert!(nobody_else_is_called(&house), "Thomas is called once more");
    leave(&house, &ann).await;
    soon(again.ended()).await;
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_contact_is_briefed_it_briefs_them_anew_and_lets_nobody_in_before() {
    let house = office(VOICE).await;
    house.place.twin.phone(THOMAS, Persona::silent());
    let ann = house.connects().await;
    escalate(&house.serve, &ann, &json!({ "reason": "an invoice" })).await;
    let briefed = next(&house).await;
    hears_something(&briefed).await;
    is(&house, &ann, "briefing").await;

    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&ann, 2).await;
    let again = next(&house).await;
    hears_something(&again).await;
    is(&house, &ann, "briefing").await;
    again.digits("1");
    is(&house, &ann, "connected").await;

    soon(briefed.ended()).await;
    assert_eq!(sockets(&briefed), 1, "{:#?}", briefed.events());
    assert!(nobody_else_is_called(&house), "Thomas is called once more");
    leave(&house, &ann).await;
    soon(again.ended()).await;
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_they_talk_it_brings_both_back_and_notices_when_the_contact_leaves() {
    for rest in [Rest::Reached, Rest::Deaf] {
        let house = office(ECHO).await;
        house.place.twin.phone(THOMAS, Persona::silent());
        let ann = house.connects().await;
        escalate(&house.serve, &ann, &json!({})).await;
        let thomas = next(&house).await;
        is(&house, &ann, "connected").await;

        let house = house.dies_and_comes_back(rest).await;
        started(&ann, 2).await;
        started(&thomas, 2).await;
        is(&house, &ann, "connected").await;
        hear_each_other(&ann, &thomas).await;
        let seen = seen(&house, &ann).await;
        thomas.hang_up();
        until(async || self::seen(&house, &ann).await["escalation"].is_null()).await;

        assert_eq!(seen["escalation"]["contact"], "Thomas", "{rest:?}");
        assert_eq!(house.session_of(&ann).await["status"], "active");
        hears_back(&ann, 700.0).await;
        assert!(nobody_else_is_called(&house), "{rest:?}");
        leave(&house, &ann).await;
        house.livekit.finish().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_contact_has_left_it_calls_nobody() {
    let house = office(ECHO).await;
    house.place.twin.phone(THOMAS, Persona::silent());
    let ann = house.connects().await;
    escalate(&house.serve, &ann, &json!({})).await;
    let thomas = next(&house).await;
    is(&house, &ann, "connected").await;
    thomas.hang_up();
    until(async || seen(&house, &ann).await["escalation"].is_null()).await;

    let house = house.dies_and_comes_back(Rest::Reached).await;
    started(&ann, 2).await;
    hears_back(&ann, 700.0).await;

    assert!(seen(&house, &ann).await["escalation"].is_null());
    assert!(nobody_else_is_called(&house));
    leave(&house, &ann).await;
    house.livekit.finish().await.unwrap();
}

async fn office(profile: &str) -> House {
    House::open(&format!("{profile}{CONTACTS}")).await
}

/// Asks for a human in the room of a call.
pub(crate) async fn escalate(serve: &Running, caller: &Call, body: &Value) {
    let path = format!("/room/{}/escalate", room(caller));
    let request = serve.request(reqwest::Method::POST, &path).json(body);
    let answer = soon(request.bearer_auth(API_KEY).send()).await.unwrap();
    assert_eq!(answer.status(), 202, "{:?}", answer.text().await);
}

async fn seen(house: &House, caller: &Call) -> Value {
    house.look(&format!("/room/{}", room(caller))).await
}

async fn is(house: &House, caller: &Call, state: &str) {
    until(async || seen(house, caller).await["escalation"]["state"] == state).await;
}

pub(crate) async fn next(house: &House) -> Call {
    soon(house.place.twin.next_call()).await.unwrap()
}

pub(crate) fn nobody_else_is_called(house: &House) -> bool {
    house.place.twin.next_call().now_or_never().is_none()
}

/// The caller hangs up, and it is over.
async fn leave(house: &House, caller: &Call) {
    caller.hang_up();
    until(async || house.session_of(caller).await["status"].is_null()).await;
    let record = format!("/api/v1/calls/{}", session(caller));
    until(async || house.look(&record).await["reason"] == "caller-left").await;
}

fn sorted(mut calls: [Call; 2]) -> [Call; 2] {
    calls.sort_by(|one, other| one.to().cmp(other.to()));
    calls
}

pub(crate) fn picks_up_after(seconds: u64) -> Persona {
    Persona::Human {
        after: std::time::Duration::from_secs(seconds),
        greeting: Vec::new(),
    }
}

pub(crate) fn sockets(call: &Call) -> usize {
    let is_start = |what: &What| matches!(what, What::StreamStarted { .. });
    let events = call.events();
    events.iter().filter(|event| is_start(&event.what)).count()
}

async fn hears_something(call: &Call) {
    let mut heard = call.listen();
    let loud = |piece: [i16; 160]| piece.iter().any(|sample| sample.unsigned_abs() > 300);
    soon(async {
        while let Some(piece) = heard.next().await {
            if loud(piece) {
                return;
            }
        }
        panic!("the call is over: {:#?}", call.events());
    })
    .await;
}

/// Each says a tone of their own until the other has heard it.
pub(crate) async fn hear_each_other(one: &Call, other: &Call) {
    for (speaker, listener, hertz) in [(one, other, 520.0), (other, one, 830.0)] {
        let line = SampleRate::HZ_8000;
        let tone = room_media::tone::Tone::new(line, hertz, Dbfs::new(-20.0)).take(8_000);
        let mut tries = 0;
        loop {
            let before = listener.heard().len();
            speaker.say(&tone);
            until(async || listener.heard().len() >= before + 16_000).await;
            let heard = room_media::tone::measure(&listener.heard()[before..], line, hertz);
            if heard.share > 0.3 && heard.duration.as_millis() >= 300 {
                break;
            }
            tries += 1;
            assert!(tries < 6, "{hertz} Hz were not heard: {heard:?}");
        }
    }
}
