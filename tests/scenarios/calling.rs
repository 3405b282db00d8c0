//! Calls that the server places: answered, not answered, by machines, and those that are not placed at all.

use std::sync::Arc;
use std::time::Duration;

use connectors_twilio_twin::{Call, Persona, Reason, What};
use patchbay::config::Phone;
use serde_json::{Value, json};

use crate::agents::Attendant;
use crate::running::{soon, until};
use crate::telephone::{Telephone, room, session, started, told};
use crate::world::{Answer, Choices};

/// Somebody in Berlin whom nobody has.
const THOMAS: &str = "+4930901820";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_picks_up_is_in_a_room_with_the_agent() {
    let phone = Telephone::with_agent().await;
    let Persona::Human { greeting, .. } = Persona::human() else {
        unreachable!("a human is one");
    };
    // Long enough to be seen ringing on a busy machine.
    let after = Duration::from_secs(3);
    phone.twin.phone(THOMAS, Persona::Human { after, greeting });

    let placed = phone.calls(THOMAS).await.expecting(201).json();
    let call = soon(phone.twin.next_call()).await.unwrap();
    let ringing = phone.world.status(&session(&call)).await;
    started(&call, 1).await;
    until(async || phone.world.status(&session(&call)).await.as_deref() == Some("active")).await;
    let seen = phone
        .world
        .get(&format!("/room/{}", room(&call)))
        .await
        .json();
    call.hang_up();
    until(async || phone.world.status(&session(&call)).await.is_none()).await;

    assert_eq!(placed["callSid"], call.sid());
    assert_eq!(placed["sessionId"], session(&call));
    assert_eq!(placed["roomName"], room(&call));
    assert_eq!(ringing.as_deref(), Some("ringing"));
    assert_eq!(seen["agent"]["present"], true);
    assert_eq!(call.to(), THOMAS);
    until(async || {
        let line = kept(&phone, &session(&call)).await["line"].clone();
        line["direction"] == "outbound" && line["answeredBy"] == "human"
    })
    .await;
    let record = kept(&phone, &session(&call)).await;
    let shown = record["line"]["to"].as_str().unwrap();
    assert!(shown.starts_with("+49"), "{record}");
    assert!(!record.to_string().contains("30901820"), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_call_holds_how_long_it_was() {
    let phone = Telephone::with_agent().await;

    phone.calls(THOMAS).await.expecting(201);
    let call = soon(phone.twin.next_call()).await.unwrap();
    started(&call, 1).await;
    call.hang_up();

    until(async || kept(&phone, &session(&call)).await["line"]["seconds"].is_u64()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_is_told_why_it_calls_before_anybody_speaks() {
    let phone = Telephone::with_agent().await;
    let context = "You call Ann about order 17.";

    let body = json!({ "to": THOMAS, "context": context });
    phone.world.post("/phone/call", &body).await.expecting(201);
    let call = soon(phone.twin.next_call()).await.unwrap();
    started(&call, 1).await;

    let agent = phone.world.sees_an_agent(&room(&call)).await;
    assert_eq!(agent["so_far"], "1");
    call.hang_up();
    until(async || {
        let record = kept(&phone, &session(&call)).await;
        record["transcript"][0].to_string().contains(context)
    })
    .await;
    let long = json!({ "to": THOMAS, "context": "x".repeat(4001) });
    let refused = phone.world.post("/phone/call", &long).await;
    assert_eq!(refused.expecting(422).code(), "invalid_field");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_nobody_takes_end_with_their_reason() {
    let phone = Telephone::with_agent().await;

    for (persona, reason) in [(Persona::Busy, "busy"), (Persona::Unreachable, "failed")] {
        phone.twin.phone(THOMAS, persona);
        let placed = phone.calls(THOMAS).await.expecting(201).json();

        let id = placed["sessionId"].as_str().unwrap();
        until(async || phone.world.status(id).await.is_none()).await;
        until(async || reason_of(&phone, id).await == reason).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_carrier_refuses_is_told_with_what_to_do() {
    let phone = Telephone::with_agent().await;

    for (persona, code) in [
        (Persona::InvalidNumber, "21211"),
        (Persona::NoPermission, "21215"),
        (Persona::NoBalance, "20005"),
    ] {
        phone.twin.phone(THOMAS, persona);
        let refused = phone.calls(THOMAS).await.expecting(502);

        assert_eq!(refused.code(), "carrier_refused");
        let error = &refused.json()["error"];
        assert_eq!(error["details"]["carrierCode"], code, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.len() > 60 && !message.contains("3090"), "{message}");
    }
    phone.twin.phone(THOMAS, Persona::TooManyCalls);
    let later = phone.calls(THOMAS).await.expecting(503);
    assert_eq!(later.code(), "carrier_unavailable");
    assert_eq!(phone.world.get("/sessions").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_gets_the_message_of_the_profile() {
    let phone = Telephone::with(|rooms| Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        phone: Phone {
            voicemail: "Please call us back.".to_owned(),
            ..Phone::default()
        },
        ..Choices::default()
    })
    .await;
    phone.twin.phone(THOMAS, Persona::voicemail());

    phone.calls(THOMAS).await.expecting(201);
    let call = soon(phone.twin.next_call()).await.unwrap();
    let ended = soon(call.ended()).await;

    assert_eq!(ended.reason, Reason::Hangup);
    let said = |what: &What| matches!(what, What::Verb(verb) if verb.contains("Say"));
    assert!(
        call.events().iter().any(|event| said(&event.what)),
        "{:#?}",
        call.events()
    );
    until(async || reason_of(&phone, &session(&call)).await == "no-answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_is_hung_up_on_where_there_is_no_message() {
    let phone = Telephone::with_agent().await;
    phone.twin.phone(THOMAS, Persona::voicemail());

    phone.calls(THOMAS).await.expecting(201);
    let call = soon(phone.twin.next_call()).await.unwrap();
    soon(call.ended()).await;

    until(async || reason_of(&phone, &session(&call)).await == "no-answer").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_rings_can_be_ended() {
    let phone = Telephone::with_agent().await;
    phone.twin.phone(THOMAS, Persona::NoAnswer);
    let placed = phone.calls(THOMAS).await.expecting(201).json();
    let call = soon(phone.twin.next_call()).await.unwrap();

    let end = format!("/phone/end/{}", call.sid());
    phone.world.post(&end, &json!({})).await.expecting(204);

    let ended = soon(call.ended()).await;
    assert_eq!(ended.reason, Reason::Api);
    let id = placed["sessionId"].as_str().unwrap();
    until(async || phone.world.status(id).await.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_may_not_be_called_are_refused_before_anybody_is_asked() {
    let phone = Telephone::with_agent().await;

    for (number, status, code) in [
        ("+41791234567", 403, "country_not_allowed"),
        ("+499001234567", 403, "premium_number"),
        ("Thomas", 422, "invalid_field"),
        ("030 901820", 422, "invalid_field"),
    ] {
        let refused = phone.calls(number).await.expecting(status);
        assert_eq!(refused.code(), code, "{number}: {}", refused.text);
    }
    assert_eq!(phone.world.get("/sessions").await.json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_with_the_same_key_places_one_call() {
    let phone = Telephone::with_agent().await;
    let body = json!({ "to": THOMAS });
    let key = [("idempotency-key", "once")];

    let asked = (0..10).map(|_| phone.world.post_with("/phone/call", &body, &key));
    let answers = futures_util::future::join_all(asked).await;

    let calls: Vec<Value> = answers
        .into_iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["callSid"].clone())
        .collect();
    assert!(!calls.is_empty());
    assert!(calls.iter().all(|call| *call == calls[0]), "{calls:?}");
    let call: Call = soon(phone.twin.next_call()).await.unwrap();
    assert_eq!(calls[0], call.sid());
    assert_eq!(phone.world.get("/sessions").await.json()["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_called_into_a_room_that_others_are_in() {
    let phone = Telephone::with_agent().await;
    phone.world.create(&json!({ "roomName": "demo" })).await;
    let _ann = phone.world.join("demo", "ann").await;
    until(async || phone.world.status("web-demo").await.as_deref() == Some("active")).await;

    let body = json!({ "to": THOMAS, "name": "Thomas", "greeting": "Ann & Bob wait for you." });
    let dialled = phone.world.post("/room/demo/dial", &body).await;
    let dialled = dialled.expecting(201).json();
    let call = soon(phone.twin.next_call()).await.unwrap();
    let guest = async || {
        let room = phone.world.get("/room/demo").await.json();
        let people = room["participants"].as_array().unwrap().clone();
        people
            .into_iter()
            .find(|one| one["identity"] == dialled["identity"])
    };
    until(async || guest().await.is_some()).await;
    let seen = guest().await.unwrap();
    let first = told(&call).await;
    started(&call, 1).await;
    call.kill_socket();
    started(&call, 2).await;
    let back = guest().await;
    call.hang_up();
    until(async || guest().await.is_none()).await;

    assert_eq!(dialled["callSid"], call.sid());
    let greeting = first.find("Ann &amp; Bob wait for you.").unwrap();
    assert!(greeting < first.find("<Connect>").unwrap(), "{first}");
    assert_eq!(
        (&seen["name"], &seen["channel"]),
        (&json!("Thomas"), &json!("phone"))
    );
    assert!(back.is_some());
    let status = phone.world.status("web-demo").await;
    assert_eq!(status.as_deref(), Some("active"), "the others go on");
    assert_eq!(phone.world.get("/sessions").await.json()["total"], 1);
    phone
        .world
        .post("/room/nobody/dial", &body)
        .await
        .expecting(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_does_not_ring_on_when_its_session_is_over() {
    let phone = Telephone::with_agent().await;
    phone.twin.phone(THOMAS, Persona::NoAnswer);
    phone.calls(THOMAS).await.expecting(201);
    let call = soon(phone.twin.next_call()).await.unwrap();

    let room = format!("/room/{}", room(&call));
    phone.world.delete(&room).await.expecting(204);

    assert_eq!(soon(call.ended()).await.reason, Reason::Api);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_token_where_the_account_has_a_key_for_it() {
    let phone = Telephone::with_agent().await;
    let wish = json!({ "identity": "alice" });

    let none = phone.world.post("/api/twilio/token", &wish).await;
    let none = none.expecting(404).json();
    assert_eq!(
        (&none["success"], &none["code"]),
        (&json!(false), &json!("no_browser_calls"))
    );
    let phone = Telephone::with_browsers().await;
    let some = phone.world.post("/api/twilio/token", &wish).await;
    let some = some.expecting(200).json();
    let wrong = json!({ "identity": "a/b" });
    let refused = phone.world.post("/api/twilio/token", &wrong).await;

    assert_eq!(some["identity"], "alice");
    assert_eq!(some["token"].as_str().unwrap().split('.').count(), 3);
    refused.expecting(422);
}

impl Telephone {
    /// Has the server call somebody.
    async fn calls(&self, to: &str) -> Answer {
        self.world.post("/phone/call", &json!({ "to": to })).await
    }
}

/// Returns why a session is over, as it is kept.
async fn reason_of(phone: &Telephone, session: &str) -> String {
    let record = kept(phone, session).await;
    record["reason"].as_str().unwrap_or_default().to_owned()
}

/// Returns what is kept of a session.
async fn kept(phone: &Telephone, session: &str) -> Value {
    let path = format!("/api/v1/calls/{session}");
    phone.world.get(&path).await.json()
}
