//! The key for a human at a telephone: the escalation begins at once, and the thinker knows of it afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_contract::stub::{StubSpeaker, StubThinker, StubTranscriber};
use agent_contract::{Message, Speaker, Thinker, Transcriber};
use agent_session::Profile;
use connectors_twilio_twin::Persona;
use futures_util::FutureExt;
use patchbay::config::{AgentProfile, Cast, Profiles, Section};
use patchbay::escalation::{Escalations, Settings, Staff};
use patchbay::metrics::Metrics;
use patchbay::troupe::{Part, Parts, Script, Troupe};
use room_contract::memory::MemoryRooms;

use crate::agents::Attendant;
use crate::escalation::{THOMAS, contacts, next, seen_escalation};
use crate::running::until;
use crate::telephone::{CALLER, Telephone};
use crate::world::Choices;

/// Where nobody is called from here.
const ABROAD: &str = "+33142278186";

#[tokio::test(flavor = "multi_thread")]
async fn the_key_for_a_human_has_one_called_without_the_thinker_which_knows_of_it_afterwards() {
    let (office, thinker) = office(&[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::silent());
    let ann = office.connects().await;

    ann.digits("0");
    let thomas = next(&office).await;
    until(async || seen_escalation(&office, &ann).await["state"] == "connected").await;
    let asked = thinker.requests().len();
    thomas.hang_up();
    until(async || seen_escalation(&office, &ann).await.is_null()).await;
    ann.digits("55");
    until(async || !thinker.requests().is_empty()).await;
    ann.hang_up();

    assert_eq!(asked, 0, "nobody asks the thinker for a human");
    assert_eq!(thomas.to(), THOMAS);
    let told = notes(&thinker);
    let [calling, here, left] = &told[..] else {
        panic!("three notes: {told:?}");
    };
    assert!(calling.contains("Thomas is being called"), "{calling}");
    assert!(here.contains("Thomas is here"), "{here}");
    assert!(left.contains("Thomas has left"), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_thinker_knows_that_nobody_could_be_had() {
    let (office, thinker) = office(&[("Thomas", THOMAS)]).await;
    office.twin.phone(THOMAS, Persona::Busy);
    let ann = office.connects().await;

    ann.digits("0");
    next(&office).await;
    until(async || seen_escalation(&office, &ann).await.is_null()).await;
    ann.digits("55");
    until(async || !thinker.requests().is_empty()).await;
    ann.hang_up();

    let told = notes(&thinker);
    assert!(
        told.last().unwrap().contains("Nobody could be had"),
        "{told:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_be_called_back_is_not_offered_it() {
    let (office, thinker) = office_with(&[("Thomas", THOMAS)], &["request_callback"]).await;
    office.twin.phone(THOMAS, Persona::Busy);

    for (number, is_offered) in [(CALLER, true), (ABROAD, false)] {
        let ann = office.connects_from(number).await;
        let asked = thinker.requests().len();
        ann.digits("0");
        next(&office).await;
        until(async || seen_escalation(&office, &ann).await.is_null()).await;
        ann.digits("55");
        until(async || thinker.requests().len() > asked).await;
        ann.hang_up();

        let told = notes(&thinker);
        let told = told.last().unwrap();
        assert_eq!(told.contains("request_callback"), is_offered, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_can_be_called_the_key_is_told_to_the_thinker() {
    let (office, thinker) = office(&[]).await;
    let ann = office.connects().await;

    ann.digits("0");
    until(async || !thinker.requests().is_empty()).await;
    ann.hang_up();

    let said = thinker.requests()[0].messages.clone();
    assert!(
        matches!(&said[..], [.., Message::Person { text, .. }] if text.contains("human")),
        "{said:?}"
    );
    let called = office.twin.next_call().now_or_never();
    assert!(called.is_none(), "{called:?}");
}

/// A server that can be called, whose agent converses with stubs, and its thinker.
async fn office(people: &[(&str, &str)]) -> (Telephone, Arc<StubThinker>) {
    office_with(people, &[]).await
}

/// The same, whose profile names these tools.
async fn office_with(people: &[(&str, &str)], tools: &[&str]) -> (Telephone, Arc<StubThinker>) {
    let thinker = Arc::new(StubThinker::new("head").saying("I see."));
    let escalations = Escalations::default();
    let contacts = contacts(people);
    let office = Telephone::with(|rooms| {
        let parts = parts(&thinker, escalations.clone(), tools);
        Choices {
            profiles: (*parts.profiles).clone(),
            agent: Some(Arc::new(troupe(rooms, parts))),
            staff: Staff::new(contacts, Settings::default(), escalations),
            ..Choices::default()
        }
    })
    .await;
    (office, thinker)
}

fn troupe(rooms: &MemoryRooms, parts: Parts) -> Troupe {
    let echo = Arc::new(Attendant::new(rooms.clone()));
    Troupe::new(Arc::new(rooms.clone()), parts, echo)
}

fn parts(thinker: &Arc<StubThinker>, escalations: Escalations, tools: &[&str]) -> Parts {
    let talk = Arc::new(Profile::default());
    let profile = AgentProfile {
        talk: Arc::clone(&talk),
        cast: Cast {
            tools: tools.iter().map(ToString::to_string).collect(),
            ..Cast::default()
        },
        receptionist: Section::default(),
        knowledge: Vec::new(),
    };
    let metrics = Metrics::default();
    let ear: Arc<dyn Transcriber> = Arc::new(StubTranscriber::new("ears"));
    let head: Arc<dyn Thinker> = Arc::<StubThinker>::clone(thinker);
    let mouth: Arc<dyn Speaker> = Arc::new(StubSpeaker::new("mouth"));
    let script = Script {
        profile: talk,
        transcriber: Script::chain(vec![ear], &metrics).unwrap(),
        thinker: Script::chain(vec![head], &metrics).unwrap(),
        speaker: Script::chain(vec![mouth], &metrics).unwrap(),
        spare_speaker: None,
        tools: agent_contract::Toolbox::default(),
    };
    let name = "desk".to_owned();
    Parts {
        profiles: Arc::new(Profiles {
            all: BTreeMap::from([(name.clone(), profile)]),
            default: Some(name.clone()),
        }),
        by_profile: BTreeMap::from([(name, Part::Conversation(Arc::new(script)))]),
        metrics,
        escalations,
        ..Parts::default()
    }
}

/// Returns what the thinker was told beside the conversation, in its newest request.
fn notes(thinker: &StubThinker) -> Vec<String> {
    let request = thinker.requests().pop().unwrap();
    let notes = request
        .messages
        .into_iter()
        .filter_map(|message| match message {
            Message::Note(text) if !text.contains("interrupted") => Some(text),
            _ => None,
        });
    notes.collect()
}
