//! Appointments: an agent looks when somebody can be met and books, the contact is told, the API shows and cancels.

use std::sync::Arc;

use agent_contract::{CallId, Language, Tool, ToolCall, ToolContext, Toolbox};
use agent_tools::{BookAppointment, CheckAvailability};
use connectors_twilio_twin::Message;
use futures_util::future::join_all;
use patchbay::appointments::{Appointments, Clerk};
use patchbay::dial::Policy;
use patchbay::escalation::{Escalations, Minutes, Settings, Staff};
use serde_json::{Value, json};

use crate::escalation::{THOMAS, VISITOR, contacts};
use crate::running::soon;
use crate::telephone::{CALLER, Telephone, session};
use crate::world::Choices;

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_made_told_shown_and_cancelled() {
    let office = Office::new().await;

    let free = office
        .call("check_availability", "web-ann", &json!({}))
        .await;
    let free: Value = serde_json::from_str(&free).unwrap();
    let booking = json!({
        "start": free[0]["start"],
        "contact": "Thomas",
        "name": "Ann",
        "phone_number": VISITOR,
        "reason": "an invoice",
    });
    let made = office.call("book_appointment", "web-ann", &booking).await;
    let told = office.message().await;
    let shown = office
        .telephone
        .world
        .get("/appointments")
        .await
        .expecting(200)
        .json();
    let id = shown["appointments"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/appointments/{id}/calendar.ics");
    let file = office.telephone.world.get(&path).await.expecting(200);
    office
        .telephone
        .world
        .delete(&format!("/appointments/{id}"))
        .await
        .expecting(204);
    let cancelled = office.message().await;
    let again = office
        .telephone
        .world
        .delete(&format!("/appointments/{id}"))
        .await;

    assert!(made.contains("It is made"), "{made}");
    assert_eq!(told.to, THOMAS);
    for part in [
        "Ann",
        "an invoice",
        VISITOR,
        free[0]["spoken"].as_str().unwrap(),
    ] {
        assert!(told.body.contains(part), "{part}: {told:?}");
    }
    assert_eq!(shown["meta"]["total"], 1);
    assert_eq!(shown["appointments"][0]["contact"], "thomas");
    assert_eq!(shown["appointments"][0]["name"], "Ann");
    assert_ne!(shown["appointments"][0]["phoneNumber"], VISITOR);
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    assert!(file.text.contains("SUMMARY:Thomas: Ann"), "{}", file.text);
    assert!(cancelled.body.contains("cancelled"), "{cancelled:?}");
    assert_eq!(again.expecting(404).code(), "appointment_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_who_want_the_same_time_one_gets_it_and_the_others_hear_of_other_times() {
    let office = Office::new().await;
    let free = office
        .call("check_availability", "web-ann", &json!({}))
        .await;
    let free: Value = serde_json::from_str(&free).unwrap();
    let booking = json!({ "start": free[3]["start"] });

    let sessions: Vec<String> = (0..50).map(|who| format!("web-{who}")).collect();
    let asked = sessions
        .iter()
        .map(|session| office.call("book_appointment", session, &booking));
    let answers = join_all(asked).await;

    let (made, others): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.contains("It is made"));
    assert_eq!(made.len(), 1, "{made:?}");
    let offered = free[4]["start"].as_str().unwrap();
    assert!(
        others.iter().all(|other| other.contains(offered)),
        "{others:?}"
    );
    assert!(
        others
            .iter()
            .all(|other| !other.contains(free[3]["start"].as_str().unwrap()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_is_told_and_books_nothing() {
    let office = Office::new().await;

    for booking in [
        json!({ "start": "tomorrow" }),
        json!({ "start": "2020-01-01T09:00:00Z" }),
        json!({ "start": "9999-12-31T23:59:59Z" }),
        json!({ "start": "2026-11-24T09:07:13+01:00" }),
        json!({ "start": "x".repeat(100) }),
        json!({}),
    ] {
        let answer = office.call("book_appointment", "web-ann", &booking).await;
        assert!(answer.starts_with("Error"), "{booking}: {answer}");
    }
    let backwards = json!({ "from": "2026-12-01T00:00:00Z", "to": "2020-01-01T00:00:00Z" });
    let answer = office
        .call("check_availability", "web-ann", &backwards)
        .await;
    let shown = office.telephone.world.get("/appointments").await.json();

    assert!(answer.starts_with("Error"), "{answer}");
    assert_eq!(shown["meta"]["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_an_appointment_on_the_telephone_need_not_say_their_number() {
    let office = Office::new().await;
    let ann = office.telephone.connects().await;
    let free = office
        .call("check_availability", "web-bob", &json!({}))
        .await;
    let free: Value = serde_json::from_str(&free).unwrap();

    let book = async |session: &str, slot: usize, number: Option<&str>| {
        let mut booking = json!({ "start": free[slot]["start"] });
        if let Some(number) = number {
            booking["phone_number"] = number.into();
        }
        let made = office.call("book_appointment", session, &booking).await;
        assert!(made.contains("It is made"), "{made}");
        office.message().await.body
    };
    let own = book(&session(&ann), 0, None).await;
    let other = book(&session(&ann), 1, Some(VISITOR)).await;
    let page = book("web-bob", 2, None).await;

    assert!(own.contains(CALLER), "{own}");
    assert!(
        other.contains(VISITOR) && !other.contains(CALLER),
        "{other}"
    );
    assert!(!page.contains("+49"), "{page}");
    ann.hang_up();
}

/// A server with a contact who takes appointments, and an agent's tools for them.
struct Office {
    telephone: Telephone,
    tools: Toolbox,
}

impl Office {
    async fn new() -> Self {
        let appointments = Appointments::default();
        let mut people = contacts(&[("Thomas", THOMAS)]);
        people[0].appointment = Minutes::new(30);
        let staff = Staff::new(people, Settings::default(), Escalations::default());
        let staff = staff.met_by(appointments.clone());
        let telephone = Telephone::with(|_| Choices {
            staff,
            ..Choices::default()
        })
        .await;
        let clerk = Arc::new(Clerk::new(appointments, Policy::default()));
        let tools: Vec<Arc<dyn Tool>> = vec![
            Arc::new(CheckAvailability::new(Arc::<Clerk>::clone(&clerk))),
            Arc::new(BookAppointment::new(clerk)),
        ];
        Self {
            telephone,
            tools: Toolbox::new(tools).unwrap(),
        }
    }

    async fn call(&self, tool: &str, session: &str, arguments: &Value) -> String {
        let call = ToolCall {
            id: CallId("1".to_owned()),
            name: tool.to_owned(),
            arguments: arguments.to_string(),
        };
        let context = ToolContext {
            call: call.id.clone(),
            session: session.into(),
            language: Language::english(),
            speaker: None,
            turn: 1,
        };
        self.tools.call(&call, context).await.text
    }

    async fn message(&self) -> Message {
        soon(self.telephone.twin.next_message()).await.unwrap()
    }
}
