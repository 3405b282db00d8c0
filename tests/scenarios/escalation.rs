//! A human is brought into a conversation: called, let in, and what follows when they do not come. Nobody briefs here:
//! whoever picks up is in.

use std::sync::Arc;

use connectors_twilio_twin::{Call, Knobs, Persona, Reason};
use futures_util::FutureExt;
use futures_util::future::join_all;
use jiff::tz::TimeZone;
use patchbay::dial::Number;
use patchbay::escalation::{Contact, Escalations, Settings, Staff, Way};
use serde_json::{Value, json};

use crate::agents::Attendant;
use crate::running::{soon, until};
use crate::telephone::{Telephone, room, session, started};
use crate::world::{Answer, Choices, World};

pub(crate) const THOMAS: &str = "+4930901821";
const MARIA: &str = "+4930901822";
pub(crate) const VISITOR: &str = "+4930901823";
const PREMIUM: &str = "+491900123456";

#[tokio::test(flavor = "multi_thread")]
async fn the_contact_is_called_into_the_callers_room_and_the_agent_is_back_when_they_leave() {
    let office = office(Settings::default(), &[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::silent());
    let ann = office.connects().await;

    let begun = escalate(&office, &room(&ann), &json!({ "reason": "an invoice" })).await;
    let id = begun.expecting(202).json()["escalationId"].clone();
    let thomas = soon(office.twin.next_call()).await.unwrap();
    assert_eq!(thomas.to(), THOMAS);
    until(async || state(&office, &ann).await == "connected").await;
    let seen = seen(&office, &ann).await;
    thomas.hang_up();
    until(async || seen_escalation(&office, &ann).await.is_null()).await;

    assert_eq!(seen["escalation"]["id"], id);
    assert_eq!(seen["escalation"]["contact"], "Thomas");
    assert_eq!(seen["status"], "active");
    let people = seen["participants"].as_array().unwrap();
    assert!(people.iter().any(|one| one["name"] == "Thomas"), "{seen}");
    assert!(office.world.status(&session(&ann)).await.is_some());
    ann.hang_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_contacts_line_breaks_the_agent_is_back_and_says_so() {
    let office = office(Settings::default(), &[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::silent());
    let ann = office.connects().await;
    // His call dies with its socket, and nobody tells of it.
    office.twin.set_knobs(Knobs {
        hang_up_on_lost_socket: true,
        callback_loss: 1.0,
        ..Knobs::default()
    });
    escalate(&office, &room(&ann), &json!({}))
        .await
        .expecting(202);
    let thomas = next(&office).await;
    until(async || state(&office, &ann).await == "connected").await;
    let mut events = office.world.events(&session(&ann)).await;

    thomas.kill_socket();
    let ended = soon(thomas.ended()).await;
    let said = soon(async {
        loop {
            let said = events.next("transcript").await["text"].clone();
            if said != "Thomas is with us now." {
                return said;
            }
        }
    })
    .await;
    until(async || seen_escalation(&office, &ann).await.is_null()).await;

    assert_eq!(ended.reason, Reason::SocketLost);
    assert_eq!(
        said,
        "Thomas has left the call. Is there anything else I can do for you?"
    );
    let status = office.world.status(&session(&ann)).await;
    assert_eq!(status.as_deref(), Some("active"));
    assert!(ann.ended().now_or_never().is_none(), "she stays");
    ann.hang_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_at_once_call_everybody_once() {
    let office = office(Settings::default(), &[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::NoAnswer);
    let ann = office.connects().await;
    let room = room(&ann);

    let body = json!({ "callerNumber": VISITOR });
    let asked = (0..50).map(|_| escalate(&office, &room, &body));
    let answers = join_all(asked).await;
    let ids: Vec<Value> = answers
        .into_iter()
        .map(|answer| answer.expecting(202).json()["escalationId"].clone())
        .collect();
    let mut called = [next(&office).await, next(&office).await].map(|call| call.to().to_owned());
    called.sort();
    ann.hang_up();
    until(async || office.world.status(&session(&ann)).await.is_none()).await;

    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(called, [THOMAS, VISITOR]);
    let another = office.twin.next_call().now_or_never();
    assert!(another.is_none(), "{another:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_contact_is_called_when_the_first_one_cannot_be_had() {
    let office = office(Settings::default(), &[("Thomas", THOMAS), ("Maria", MARIA)]).await;
    for persona in [Persona::Busy, Persona::InvalidNumber, Persona::Unreachable] {
        office.twin.phone(THOMAS, persona.clone());
        office.twin.phone(MARIA, Persona::silent());
        let ann = office.connects().await;

        escalate(&office, &room(&ann), &json!({}))
            .await
            .expecting(202);
        until(async || state(&office, &ann).await == "connected").await;
        let contact = seen_escalation(&office, &ann).await["contact"].clone();
        ann.hang_up();
        until(async || office.world.status(&session(&ann)).await.is_none()).await;

        assert_eq!(contact, "Maria", "{persona:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_comes_the_caller_stays_with_the_agent_and_the_contact_gets_a_message() {
    let quick = Settings {
        ring_ms: 1_500,
        ..Settings::default()
    };
    let office = office(quick, &[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::NoAnswer);
    let ann = office.connects().await;

    let body = json!({ "reason": "an invoice", "summary": "She has paid twice." });
    escalate(&office, &room(&ann), &body).await.expecting(202);
    let thomas = next(&office).await;
    let ended = soon(thomas.ended()).await;
    let message = soon(office.twin.next_message()).await.unwrap();
    until(async || seen_escalation(&office, &ann).await.is_null()).await;

    assert_eq!(ended.reason, Reason::Api);
    assert_eq!(message.to, THOMAS);
    for part in ["an invoice", "paid twice", "could not be reached"] {
        assert!(message.body.contains(part), "{message:?}");
    }
    let status = office.world.status(&session(&ann)).await;
    assert_eq!(status.as_deref(), Some("active"));
    ann.hang_up();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_takes_the_ringing_telephones_along() {
    let office = office(Settings::default(), &[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::NoAnswer);
    let ann = office.connects().await;

    escalate(&office, &room(&ann), &json!({}))
        .await
        .expecting(202);
    let thomas = next(&office).await;
    ann.hang_up();
    let ended = soon(thomas.ended()).await;
    until(async || office.world.status(&session(&ann)).await.is_none()).await;

    assert_eq!(ended.reason, Reason::Api);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_of_the_website_is_called_beside_the_contact_and_all_are_in_one_room() {
    let office = office(Settings::default(), &[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::silent());
    office.twin.phone(VISITOR, Persona::silent());
    office.world.create(&json!({ "roomName": "web" })).await;
    let _page = office.world.join("web", "ann").await;

    let body = json!({ "callerNumber": VISITOR });
    escalate(&office, "web", &body).await.expecting(202);
    let both = [next(&office).await, next(&office).await];
    for call in &both {
        started(call, 1).await;
    }
    let all = async || {
        let seen = office.world.get("/room/web").await.json();
        let people = seen["participants"].as_array().unwrap().clone();
        let phones = people
            .iter()
            .filter(|one| one["channel"] == "phone")
            .count();
        phones == 2 && seen["escalation"]["state"] == "connected"
    };
    until(all).await;
    office.world.delete("/room/web").await.expecting(204);
    office.world.store.settled().await;

    let files = office.world.place().bytes();
    let number = &VISITOR.as_bytes()[3..];
    assert!(!files.windows(number.len()).any(|window| window == number));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_outside_the_policy_are_never_dialled() {
    let office = office(Settings::default(), &[("Thomas", PREMIUM)]).await;
    let ann = office.connects().await;

    for number in [
        PREMIUM,
        "+8816123456",
        "+15005550006",
        "+12125550123",
        "+882161234567",
    ] {
        let body = json!({ "callerNumber": number });
        let answer = escalate(&office, &room(&ann), &body).await;
        assert!(answer.status == 202 || answer.status == 422, "{answer:?}");
        until(async || seen_escalation(&office, &ann).await.is_null()).await;
    }
    ann.hang_up();

    let called = office.twin.next_call().now_or_never();
    assert!(called.is_none(), "{called:?}");
}

#[tokio::test]
async fn what_cannot_be_done_is_told() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "web" })).await;

    let nobody = world.post("/room/web/escalate", &json!({})).await;
    let no_room = world.post("/room/other/escalate", &json!({})).await;
    let empty = world
        .post("/room/web/escalate", &json!({ "reason": " " }))
        .await;

    assert_eq!(nobody.expecting(409).code(), "no_contacts");
    assert_eq!(no_room.expecting(404).code(), "room_not_found");
    assert_eq!(empty.expecting(422).code(), "invalid_field");
}

async fn office(settings: Settings, contacts: &[(&str, &str)]) -> Telephone {
    office_of(Escalations::default(), settings, contacts).await
}

/// A server with these contacts, where humans are asked for by this handle as well.
pub(crate) async fn office_of(
    escalations: Escalations,
    settings: Settings,
    contacts: &[(&str, &str)],
) -> Telephone {
    let staff = Staff::new(self::contacts(contacts), settings, escalations);
    Telephone::with(|rooms| Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        staff,
        ..Choices::default()
    })
    .await
}

/// Contacts who can be called at any time, one after the other.
pub(crate) fn contacts(of: &[(&str, &str)]) -> Vec<Contact> {
    let people = of.iter().zip(0..);
    let people = people.map(|((name, number), order)| Contact {
        id: name.to_lowercase(),
        name: (*name).to_owned(),
        ways: vec![Way::Phone(Number::parse(number, None).unwrap())],
        languages: Vec::new(),
        skills: Vec::new(),
        hours: Vec::new(),
        zone: TimeZone::UTC,
        order,
        appointment: None,
    });
    people.collect()
}

async fn escalate(office: &Telephone, room: &str, body: &Value) -> Answer {
    let path = format!("/room/{room}/escalate");
    office.world.post(&path, body).await
}

pub(crate) async fn next(office: &Telephone) -> Call {
    soon(office.twin.next_call()).await.unwrap()
}

async fn seen(office: &Telephone, caller: &Call) -> Value {
    let path = format!("/room/{}", room(caller));
    office.world.get(&path).await.json()
}

pub(crate) async fn seen_escalation(office: &Telephone, caller: &Call) -> Value {
    seen(office, caller).await["escalation"].clone()
}

async fn state(office: &Telephone, caller: &Call) -> String {
    let escalation = seen_escalation(office, caller).await;
    escalation["state"].as_str().unwrap_or_default().to_owned()
}
