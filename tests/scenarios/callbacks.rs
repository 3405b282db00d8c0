//! People are called back, together with a contact: the contact first. Nobody briefs here: whoever picks up is in.

use std::sync::Arc;

use connectors_twilio_twin::{Call, Persona, Reason};
use futures_util::FutureExt;
use jiff::tz::TimeZone;
use patchbay::callback::{self, Callbacks};
use patchbay::dial::Number;
use patchbay::escalation::{Contact, Escalations, Settings, Staff, Way};
use room_contract::memory::MemoryRooms;
use serde_json::{Value, json};

use crate::agents::Attendant;
use crate::place::Place;
use crate::running::{soon, until};
use crate::telephone::{CALLER, Telephone, room};
use crate::world::{Answer, Choices, World};

const THOMAS: &str = "+4930901821";
const VISITOR: &str = "+4930901823";
const PREMIUM: &str = "+491900123456";

#[tokio::test(flavor = "multi_thread")]
async fn the_contact_is_called_and_then_whoever_asked_into_one_room() {
    let office = Telephone::with(|rooms| staffed(rooms, &quick())).await;
    office.twin.phone(THOMAS, Persona::silent());
    office.twin.phone(CALLER, Persona::human());
    let ann = office.connects().await;

    let body = json!({ "reason": "an invoice" });
    let id = id(&ask(&office.world, &room(&ann), &body).await.expecting(202));
    ann.hang_up();
    let thomas = next(&office).await;
    let again = next(&office).await;
    until(async || state(&office.world, &id).await == "done").await;
    let meeting = format!("/room/callback-{id}");
    until(async || phones(&office.world.get(&meeting).await.json()) == 2).await;
    let seen = office.world.get(&meeting).await.json();
    again.hang_up();
    let ended = soon(thomas.ended()).await;
    until(async || office.world.get(&meeting).await.status == 404).await;

    assert_eq!((thomas.to(), again.to()), (THOMAS, CALLER));
    assert_eq!(seen["agent"]["present"], true, "{seen}");
    assert_eq!(seen["escalation"]["contact"], "Thomas");
    assert_eq!(ended.reason, Reason::Api);
    assert!(no_more(&office));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_answer_is_called_again_and_the_number_is_gone_afterwards() {
    let office = Telephone::with(|rooms| staffed(rooms, &quick())).await;
    office.twin.phone(THOMAS, Persona::silent());
    office.twin.phone(VISITOR, Persona::Busy);
    let _page = page(&office.world).await;

    let body = json!({ "phoneNumber": VISITOR, "inMinutes": 0 });
    let id = id(&ask(&office.world, "web", &body).await.expecting(202));
    let first = [next(&office).await, next(&office).await];
    let told = soon(first[0].ended()).await;
    office.twin.phone(VISITOR, Persona::human());
    let second = [next(&office).await, next(&office).await];
    until(async || state(&office.world, &id).await == "done").await;
    let kept = list(&office.world).await["callbacks"][0].clone();
    let digits = &VISITOR.as_bytes()[3..];
    let is_there = || {
        let files = office.world.place().bytes();
        files.windows(digits.len()).any(|window| window == digits)
    };
    until(async || !is_there()).await;
    second[1].hang_up();

    let numbers = |calls: &[Call; 2]| [calls[0].to().to_owned(), calls[1].to().to_owned()];
    assert_eq!(numbers(&first), [THOMAS, VISITOR]);
    assert_eq!(numbers(&second), [THOMAS, VISITOR]);
    assert_eq!(told.reason, Reason::Api);
    assert_eq!(kept["attempts"], 2);
    assert_eq!(kept["number"], "+49…23");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_whom_nobody_reaches_gets_a_message_in_the_end() {
    let office = Telephone::with(|rooms| staffed(rooms, &quick())).await;
    office.twin.phone(THOMAS, Persona::Busy);
    let _page = page(&office.world).await;

    let body = json!({ "phoneNumber": VISITOR, "inMinutes": 0, "reason": "an invoice" });
    let id = id(&ask(&office.world, "web", &body).await.expecting(202));
    for _ in 0..2 {
        assert_eq!(next(&office).await.to(), THOMAS);
    }
    until(async || state(&office.world, &id).await == "missed").await;
    let message = soon(office.twin.next_message()).await.unwrap();

    assert_eq!(message.to, THOMAS);
    assert!(message.body.contains("an invoice"), "{message:?}");
    assert!(!message.body.contains(VISITOR), "{message:?}");
    assert!(no_more(&office));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_stopped_meanwhile_calls_them_once() {
    let later = callback::Settings {
        soon_ms: 1_500,
        ..quick()
    };
    let office = Telephone::with(|rooms| staffed(rooms, &later)).await;
    office.twin.phone(THOMAS, Persona::silent());
    office.twin.phone(VISITOR, Persona::human());
    let page = page(&office.world).await;
    let body = json!({ "phoneNumber": VISITOR });
    let id = id(&ask(&office.world, "web", &body).await.expecting(202));
    page.room.leave().await;

    let office = office.again(|rooms| staffed(rooms, &later)).await;
    let calls = [next(&office).await, next(&office).await];
    until(async || state(&office.world, &id).await == "done").await;
    calls[1].hang_up();
    soon(calls[0].ended()).await;

    assert_eq!((calls[0].to(), calls[1].to()), (THOMAS, VISITOR));
    assert!(no_more(&office));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_on_one_database_one_calls() {
    let once = callback::Settings {
        retry_ms: Vec::new(),
        ..quick()
    };
    let [first, second] = Place::shared();
    let at = |place, rooms: &MemoryRooms| Choices {
        place,
        ..staffed(rooms, &once)
    };
    let office = Telephone::with(|rooms| at(first, rooms)).await;
    let beside = office.beside(|rooms| at(second, rooms)).await;
    office.twin.phone(THOMAS, Persona::Busy);
    let _page = page(&office.world).await;

    let body = json!({ "phoneNumber": VISITOR, "inMinutes": 0 });
    let id = id(&ask(&office.world, "web", &body).await.expecting(202));
    let call = next(&office).await;
    until(async || state(&beside, &id).await == "missed").await;

    assert_eq!(call.to(), THOMAS);
    assert!(no_more(&office));
    assert_eq!(list(&beside).await["callbacks"][0]["attempts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_promised_is_refused_at_once() {
    let office = Telephone::with(|rooms| staffed(rooms, &quick())).await;
    let _page = page(&office.world).await;

    let answer = async |body: Value| ask(&office.world, "web", &body).await;
    let premium = answer(json!({ "phoneNumber": PREMIUM })).await;
    let abroad = answer(json!({ "phoneNumber": "+12125550123" })).await;
    let unknown = answer(json!({})).await;
    let nonsense = answer(json!({ "phoneNumber": "Ann" })).await;
    let past = json!({ "phoneNumber": VISITOR, "at": "2020-01-01T00:00:00Z" });
    let past = answer(past).await;
    let both = json!({ "phoneNumber": VISITOR, "at": "2020-01-01T00:00:00Z", "inMinutes": 1 });
    let both = answer(both).await;
    let far = json!({ "phoneNumber": VISITOR, "inMinutes": 1_000_000 });
    let far = answer(far).await;
    let gone = ask(&office.world, "other", &json!({})).await;

    premium.expecting(403);
    abroad.expecting(403);
    for answer in [unknown, nonsense, past, both, far] {
        assert_eq!(answer.expecting(422).code(), "invalid_field");
    }
    assert_eq!(gone.expecting(404).code(), "room_not_found");
    assert_eq!(list(&office.world).await["meta"]["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_is_called_off_before_and_while_somebody_is_called() {
    let office = Telephone::with(|rooms| staffed(rooms, &quick())).await;
    office.twin.phone(THOMAS, Persona::NoAnswer);
    let _page = page(&office.world).await;
    let world = &office.world;
    let off = async |id: &str| world.delete(&format!("/callbacks/{id}")).await;

    let later = json!({ "phoneNumber": VISITOR, "inMinutes": 30 });
    let waiting = id(&ask(world, "web", &later).await.expecting(202));
    off(&waiting).await.expecting(204);
    let over = off(&waiting).await;
    let unknown = off("nothing").await;
    let now = json!({ "phoneNumber": VISITOR, "inMinutes": 0 });
    let dialling = id(&ask(world, "web", &now).await.expecting(202));
    let thomas = next(&office).await;
    off(&dialling).await.expecting(204);
    let ended = soon(thomas.ended()).await;

    assert_eq!(over.expecting(409).code(), "callback_over");
    assert_eq!(unknown.expecting(404).code(), "callback_not_found");
    assert_eq!(ended.reason, Reason::Api);
    assert_eq!(state(world, &dialling).await, "cancelled");
    assert!(no_more(&office));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_the_same_answer() {
    let office = Telephone::with(|rooms| staffed(rooms, &quick())).await;
    let _page = page(&office.world).await;

    let body = json!({ "phoneNumber": VISITOR, "inMinutes": 30 });
    let send = async || {
        let headers = [("idempotency-key", "k")];
        let path = "/room/web/callback";
        office
            .world
            .post_with(path, &body, &headers)
            .await
            .expecting(202)
    };
    let (first, second) = (send().await, send().await);

    assert_eq!(first.text, second.text);
    assert_eq!(list(&office.world).await["meta"]["total"], 1);
}

/// Soon enough for a test.
fn quick() -> callback::Settings {
    callback::Settings {
        soon_ms: 200,
        retry_ms: vec![300],
        look_ms: 50,
        ..callback::Settings::default()
    }
}

/// A server with one contact, and an agent.
fn staffed(rooms: &MemoryRooms, callbacks: &callback::Settings) -> Choices {
    let thomas = Contact {
        id: "thomas".to_owned(),
        name: "Thomas".to_owned(),
        ways: vec![Way::Phone(Number::parse(THOMAS, None).unwrap())],
        languages: Vec::new(),
        skills: Vec::new(),
        hours: Vec::new(),
        zone: TimeZone::UTC,
        order: 0,
        appointment: None,
    };
    let settings = Settings {
        ring_ms: 3_000,
        ..Settings::default()
    };
    let staff = Staff::new(vec![thomas], settings, Escalations::default());
    Choices {
        agent: Some(Arc::new(Attendant::new(rooms.clone()))),
        staff: staff.calling_back(Callbacks::default(), callbacks.clone()),
        ..Choices::default()
    }
}

/// Somebody is on the website.
async fn page(world: &World) -> room_contract::Joined {
    world.create(&json!({ "roomName": "web" })).await;
    world.join("web", "ann").await
}

async fn ask(world: &World, room: &str, body: &Value) -> Answer {
    world.post(&format!("/room/{room}/callback"), body).await
}

fn id(answer: &Answer) -> String {
    answer.json()["callbackId"].as_str().unwrap().to_owned()
}

async fn list(world: &World) -> Value {
    world.get("/callbacks").await.expecting(200).json()
}

async fn state(world: &World, id: &str) -> String {
    let listed = list(world).await;
    let mut callbacks = listed["callbacks"].as_array().unwrap().iter();
    let found = callbacks.find(|one| one["id"] == id).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

async fn next(office: &Telephone) -> Call {
    soon(office.twin.next_call()).await.unwrap()
}

fn no_more(office: &Telephone) -> bool {
    office.twin.next_call().now_or_never().is_none()
}

fn phones(seen: &Value) -> usize {
    let people = seen["participants"].as_array();
    let phones = people.map(|people| {
        people
            .iter()
            .filter(|one| one["channel"] == "phone")
            .count()
    });
    phones.unwrap_or_default()
}
