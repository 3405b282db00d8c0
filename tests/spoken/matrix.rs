//! Each way to come meets each way to be called: who is briefed, who hears music, and who hears whom afterwards.

use std::time::Duration;

use connectors_twilio_twin::Persona;
use serde_json::json;

use crate::caller::Caller;
use crate::escalation::{
    ANNS_OWN, LENA, MUSIC, PAUSE, THOMAS, asks_for_a_human, escalate, heard_music_alone, is,
    is_briefed, joins, opens_link, over, waits, was_briefed,
};
use crate::house::{House, until};
use crate::party::{Member, hear_one_another};
use crate::phone::{FRONT, Telephone};
use crate::sentences::Sentence;

const ANN: (&str, &str) = ("ann", "Ann");

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_stays_in_the_browser_meets_a_contact_on_the_phone_and_one_in_a_browser() {
    let house = House::open_beside_others().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    telephone.is_with(ANNS_OWN, Persona::NoAnswer);
    let ann = Caller::enters(&house.room("stays", "front", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("Good morning.").await;

    escalate(
        &house,
        "stays",
        &json!({ "contact": "thomas", "reason": "an invoice" }),
    )
    .await;
    let music = ann.meets("music-").await;
    let thomas = telephone.rings(THOMAS).await;
    let told = is_briefed(&thomas).await;
    until(async || (music.music_since(0.0).await > MUSIC).then_some(())).await;
    assert!(
        !ann.has_met("briefer-"),
        "what a contact is told is for them"
    );
    assert!(!ann.has_met(&thomas.identity()), "nor does she hear them");
    thomas.call.digits("1");
    is(&house, "stays", "Thomas", "connected").await;
    was_briefed(&thomas, told).await;
    agent.says("Thomas is with us now.").await;
    hear_one_another(&[
        Member::Browser(&ann, Sentence::Hers),
        Member::Phone(&thomas, Sentence::His),
    ])
    .await;
    thomas.call.hang_up();
    agent.says("Thomas has left the call.").await;
    over(&house, "stays").await;

    // She would rather be called, and does not pick up: she stays.
    escalate(
        &house,
        "stays",
        &json!({ "contact": "lena", "callerNumber": ANNS_OWN }),
    )
    .await;
    let (ticket, read) = opens_link(&house, &telephone, LENA).await;
    assert_eq!(read["briefing"]["caller"], "Ann", "{read}");
    agent.says("I could not reach you on the telephone.").await;
    let lena = joins(&house, &ticket).await;
    is(&house, "stays", "Lena", "connected").await;
    hear_one_another(&[
        Member::Browser(&ann, Sentence::Hers),
        Member::Browser(&lena, Sentence::His),
    ])
    .await;
    lena.leaves().await;
    agent.says("Lena has left the call.").await;
    ann.leaves().await;
    house.record("stays").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_is_called_meets_a_contact_on_the_phone_and_one_in_a_browser() {
    let house = House::open_beside_others().await;
    let telephone = Telephone::to(&house).await;
    for number in [THOMAS, ANNS_OWN] {
        telephone.is_with(number, Persona::silent());
    }
    let page = Caller::reads(&house.room("called", "front", ANN).await).await;
    let agent = page.hears_agent(None).await;
    agent.says("Good morning.").await;

    escalate(
        &house,
        "called",
        &json!({ "contact": "thomas", "callerNumber": ANNS_OWN }),
    )
    .await;
    let [thomas, ann] = telephone.rings_both([THOMAS, ANNS_OWN]).await;
    let told = is_briefed(&thomas).await;
    waits(&ann).await;
    let waited = ann.heard_for();
    thomas.call.digits("1");
    is(&house, "called", "Thomas", "connected").await;
    was_briefed(&thomas, told).await;
    heard_music_alone(&ann, Duration::ZERO, waited).await;
    agent.says("Thomas is with us now.").await;
    let all = [
        Member::Reader(&page),
        Member::Phone(&ann, Sentence::Hers),
        Member::Phone(&thomas, Sentence::His),
    ];
    hear_one_another(&all).await;
    thomas.call.hang_up();
    agent.says("Thomas has left the call.").await;
    ann.call.hang_up();
    ann.call.ended().await;
    over(&house, "called").await;

    escalate(
        &house,
        "called",
        &json!({ "contact": "lena", "callerNumber": ANNS_OWN }),
    )
    .await;
    let ann = telephone.rings(ANNS_OWN).await;
    let (ticket, _) = opens_link(&house, &telephone, LENA).await;
    ann.hears_something().await;
    waits(&ann).await;
    let lena = joins(&house, &ticket).await;
    is(&house, "called", "Lena", "connected").await;
    agent.says("Lena is with us now.").await;
    let all = [
        Member::Reader(&page),
        Member::Phone(&ann, Sentence::Hers),
        Member::Browser(&lena, Sentence::His),
    ];
    hear_one_another(&all).await;
    lena.leaves().await;
    agent.says("Lena has left the call.").await;
    ann.call.hang_up();
    page.leaves().await;
    house.record("called").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_on_the_phone_meets_a_contact_on_the_phone_and_one_in_a_browser() {
    // What passes two telephones has no word to lose to another house.
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    let ann = telephone.calls_at(FRONT).await;
    house.has_kept(&ann.session(), "agent: Good morning.").await;
    ann.hears_nothing_for(PAUSE).await;

    let thomas = asks_for_a_human(&ann, &telephone).await;
    let asked = ann.heard_for();
    let told = is_briefed(&thomas).await;
    waits(&ann).await;
    let waited = ann.heard_for();
    thomas.call.digits("1");
    is(&house, &ann.room(), "Thomas", "connected").await;
    house
        .has_kept(&ann.session(), "agent: Thomas is with us now.")
        .await;
    was_briefed(&thomas, told).await;
    heard_music_alone(&ann, asked, waited).await;
    ann.hears_nothing_for(PAUSE).await;
    hear_one_another(&[
        Member::Phone(&ann, Sentence::Hers),
        Member::Phone(&thomas, Sentence::His),
    ])
    .await;
    thomas.call.hang_up();
    let back = "agent: Thomas has left the call. Is there anything else I can do for you?";
    house.has_kept(&ann.session(), back).await;
    over(&house, &ann.room()).await;

    escalate(&house, &ann.room(), &json!({ "contact": "lena" })).await;
    let (ticket, _) = opens_link(&house, &telephone, LENA).await;
    waits(&ann).await;
    let lena = joins(&house, &ticket).await;
    is(&house, &ann.room(), "Lena", "connected").await;
    house
        .has_kept(&ann.session(), "agent: Lena is with us now.")
        .await;
    ann.hears_nothing_for(PAUSE).await;
    hear_one_another(&[
        Member::Phone(&ann, Sentence::Hers),
        Member::Browser(&lena, Sentence::His),
    ])
    .await;
    lena.leaves().await;
    house
        .has_kept(
            &ann.session(),
            "agent: Lena has left the call. Is there anything else I can do for you?",
        )
        .await;
    ann.call.hang_up();
    let kept = house.record_of(&ann.session()).await;
    assert_eq!(kept.0["reason"], "caller-left");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_types_meets_a_contact_on_the_phone_and_one_in_a_browser() {
    let house = House::open_beside_others().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    let ann = Caller::reads(&house.room("typed", "front", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("Good morning.").await;

    ann.types("Can I speak to a human?").await;
    let thomas = telephone.rings(THOMAS).await;
    let told = is_briefed(&thomas).await;
    assert!(
        !ann.has_met("briefer-"),
        "what a contact is told is for them"
    );
    thomas.call.digits("1");
    agent.says("Thomas is with us now.").await;
    was_briefed(&thomas, told).await;
    hear_one_another(&[Member::Reader(&ann), Member::Phone(&thomas, Sentence::His)]).await;
    thomas.call.hang_up();
    agent.says("Thomas has left the call.").await;
    over(&house, "typed").await;

    escalate(&house, "typed", &json!({ "contact": "lena" })).await;
    let (ticket, _) = opens_link(&house, &telephone, LENA).await;
    let lena = joins(&house, &ticket).await;
    agent.says("Lena is with us now.").await;
    hear_one_another(&[Member::Reader(&ann), Member::Browser(&lena, Sentence::His)]).await;
    ann.types("I have paid twice.").await;
    lena.reads_message("i have paid twice").await;
    lena.leaves().await;
    agent.says("Lena has left the call.").await;
    ann.leaves().await;
    house.record("typed").await;
}
