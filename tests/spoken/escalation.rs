//! Somebody wants a human: who is called, who hears what, and who hears whom afterwards. Each way to come meets each way
//! to be called.

use std::time::Duration;

use connectors_twilio_twin::Persona;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::caller::Caller;
use crate::house::{House, until};
use crate::party::{Member, hear_one_another, opens_link};
use crate::phone::{FRONT, Speaker, Telephone};

const THOMAS: &str = "+15005550020";
const MARIA: &str = "+15005550021";
const LENA: &str = "+15005550022";
const ANNS_OWN: &str = "+15005550023";

const ANN: (&str, &str) = ("ann", "Ann");

/// What the ear makes of the end of a briefing; it knows no digits.
const CHOICE: &str = "say yes to take the call say no to decline";

/// More of it than by chance: a busy machine makes holes in speech.
const TOLD: f32 = 0.3;

/// What is said to one another: what an ear makes out over a telephone, and nothing that this agent answers.
const HERS: &str = "We are open from nine to five.";
const HIS: &str = "Good morning, how can I help you?";

/// Longer than between two sentences.
const PAUSE: Duration = Duration::from_millis(1_500);

/// Who was not understood says it again.
const TRIES: usize = 3;

/// A question is answered sooner.
const ANSWERED: Duration = Duration::from_secs(12);

/// Music is heard for longer while a contact is briefed.
const MUSIC: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_stays_in_the_browser_meets_a_contact_on_the_phone_and_one_in_a_browser() {
    let house = House::open().await;
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
    hear_one_another(&[(Member::Browser(&ann), HERS), (Member::Phone(&thomas), HIS)]).await;
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
    hear_one_another(&[(Member::Browser(&ann), HERS), (Member::Browser(&lena), HIS)]).await;
    lena.leaves().await;
    agent.says("Lena has left the call.").await;
    ann.leaves().await;
    house.record("stays").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_is_called_meets_a_contact_on_the_phone_and_one_in_a_browser() {
    let house = House::open().await;
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
    thomas.call.digits("1");
    is(&house, "called", "Thomas", "connected").await;
    was_briefed(&thomas, told).await;
    agent.says("Thomas is with us now.").await;
    let all = [
        (Member::Reader(&page), ""),
        (Member::Phone(&ann), HERS),
        (Member::Phone(&thomas), HIS),
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
        (Member::Reader(&page), ""),
        (Member::Phone(&ann), HERS),
        (Member::Browser(&lena), HIS),
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
    let silence = ann.longest_silence_since(asked);
    assert!(silence < Duration::from_secs(2), "{silence:?}");
    was_briefed(&thomas, told).await;
    let overheard = ann.understood_between(asked, waited).await;
    assert!(overheard.share(CHOICE) < TOLD, "{overheard:?}");
    ann.hears_nothing_for(PAUSE).await;
    hear_one_another(&[(Member::Phone(&ann), HERS), (Member::Phone(&thomas), HIS)]).await;
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
    hear_one_another(&[(Member::Phone(&ann), HERS), (Member::Browser(&lena), HIS)]).await;
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
    let house = House::open().await;
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
    hear_one_another(&[(Member::Reader(&ann), ""), (Member::Phone(&thomas), HIS)]).await;
    thomas.call.hang_up();
    agent.says("Thomas has left the call.").await;
    over(&house, "typed").await;

    escalate(&house, "typed", &json!({ "contact": "lena" })).await;
    let (ticket, _) = opens_link(&house, &telephone, LENA).await;
    let lena = joins(&house, &ticket).await;
    agent.says("Lena is with us now.").await;
    hear_one_another(&[(Member::Reader(&ann), ""), (Member::Browser(&lena), HIS)]).await;
    ann.types("I have paid twice.").await;
    lena.reads_message("i have paid twice").await;
    lena.leaves().await;
    agent.says("Lena has left the call.").await;
    ann.leaves().await;
    house.record("typed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_takes_the_call_the_caller_is_told_and_the_contacts_are_written_to() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    telephone.is_with(MARIA, Persona::Busy);
    let ann = telephone.calls().await;
    let greeting = "agent: Good morning, how can I help you?";
    house.has_kept(&ann.session(), greeting).await;
    ann.hears_nothing_for(PAUSE).await;

    ann.call.digits("0");
    let thomas = telephone.rings(THOMAS).await;
    thomas.hears_something().await;
    let declined = thomas.heard_for();
    thomas.call.digits("2");
    thomas.call.ended().await;
    let farewell = thomas.sound_since(declined);
    telephone.dials().await;
    let (ticket, _) = opens_link(&house, &telephone, LENA).await;
    house.declines(&ticket).await;
    let sorry = "agent: I am sorry, nobody can take your call right now. They will read that you called. What else \
        can I do for you?";
    house.has_kept(&ann.session(), sorry).await;
    ann.call.hang_up();
    house.record_of(&ann.session()).await;

    assert!(farewell > Duration::from_secs(1), "{farewell:?}");
    let mut missed = Vec::new();
    for _ in [THOMAS, MARIA, LENA] {
        missed.push(telephone.message().await);
    }
    for number in [THOMAS, MARIA, LENA] {
        let message = missed.iter().find(|message| message.to == number).unwrap();
        assert!(message.body.contains("could not be reached"), "{message:?}");
    }
}

async fn escalate(house: &House, room: &str, body: &Value) {
    house.post(&format!("/room/{room}/escalate"), body).await;
}

/// A contact is told what it is about, to its end.
pub(crate) async fn is_briefed(contact: &Speaker) -> Duration {
    contact.hears_something().await;
    contact.hears_nothing_for(PAUSE).await;
    contact.heard_for()
}

/// Looks into what a contact was told until then: what it is about, without music. Ears take their time, so the
/// contact has decided before.
pub(crate) async fn was_briefed(contact: &Speaker, until: Duration) {
    let heard = contact.understood_between(Duration::ZERO, until).await;
    let share = heard.share(CHOICE);
    assert!(share >= TOLD, "{share}: {heard:?}");
    let music = contact.music_between(Duration::ZERO, until);
    assert!(music <= Duration::from_millis(500), "{music:?}");
}

/// Somebody on the telephone waits, and hears music.
async fn waits(caller: &Speaker) {
    let since = caller.heard_for();
    until(async || (caller.music_since(since) > MUSIC).then_some(())).await;
}

/// Asks for a human, and once more when that was not understood.
async fn asks_for_a_human(caller: &Speaker, telephone: &Telephone) -> Speaker {
    for _ in 0..TRIES {
        caller.says("Can I speak to a human?").await;
        if let Ok(contact) = timeout(ANSWERED, telephone.rings(THOMAS)).await {
            return contact;
        }
    }
    panic!("nobody is called");
}

/// A contact comes in by their link.
async fn joins(house: &House, ticket: &str) -> Caller {
    let admission = house.post(&format!("/join/{ticket}"), &json!({})).await;
    Caller::enters(&admission).await
}

/// Waits until an escalation stands there, with this contact.
pub(crate) async fn is(house: &House, room: &str, contact: &str, state: &str) {
    let path = format!("/room/{room}");
    until(async || {
        let room = house.get(&path).await?;
        let escalation = &room["escalation"];
        (escalation["contact"] == contact && escalation["state"] == state).then_some(())
    })
    .await;
}

/// Waits until an escalation is over.
pub(crate) async fn over(house: &House, room: &str) {
    let path = format!("/room/{room}");
    until(async || {
        house.get(&path).await?["escalation"]
            .is_null()
            .then_some(())
    })
    .await;
}
