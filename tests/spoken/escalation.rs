//! Somebody wants a human: who is called, who hears what, and who hears whom afterwards.

use std::time::Duration;

use connectors_twilio_twin::Persona;

use crate::house::{House, until};
use crate::phone::{Speaker, Telephone};

const THOMAS: &str = "+15005550020";
const MARIA: &str = "+15005550021";
const GREETING: &str = "Good morning, how can I help you?";

/// What the ear makes of the end of a briefing; it knows no digits.
const CHOICE: &str = "say yes to take the call say no to decline";

/// Longer than between two sentences.
const PAUSE: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_hears_music_while_the_contact_is_briefed_and_then_all_hear_all() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    let (ann, session) = greeted(&house, &telephone).await;

    let asked = ann.heard_for();
    ann.says("Can I speak to a human?").await;
    let thomas = telephone.rings(THOMAS).await;
    thomas.hears_something().await;
    thomas.hears_nothing_for(PAUSE).await;
    let (heard_by_thomas, heard_by_ann) = (
        thomas.understood(Duration::ZERO).await,
        ann.understood(asked).await,
    );
    let music = ann.sound_since(asked);
    let (his, hers) = (heard_by_thomas.share(CHOICE), heard_by_ann.share(CHOICE));
    assert!(his >= 0.5, "{his}: {heard_by_thomas:?}");
    assert!(hers <= 0.3, "{hers}: {heard_by_ann:?}");
    assert!(music > Duration::from_secs(2), "{music:?}");

    thomas.call.digits("1");
    is(&house, &ann, "connected").await;
    house
        .has_kept(&session, "agent: Thomas is with us now.")
        .await;
    ann.hears_nothing_for(PAUSE).await;
    let before = ann.heard_for();
    thomas.says("When are you open?").await;
    let heard_of_thomas = ann.sound_since(before);
    let before = thomas.heard_for();
    ann.says("Tell me about your house.").await;
    let heard_of_ann = thomas.sound_since(before);
    assert!(
        heard_of_thomas > Duration::from_millis(500),
        "{heard_of_thomas:?}"
    );
    assert!(
        heard_of_ann > Duration::from_millis(500),
        "{heard_of_ann:?}"
    );

    thomas.call.hang_up();
    let back = "agent: Thomas has left the call. Is there anything else I can do for you?";
    house.has_kept(&session, back).await;
    ann.call.hang_up();
    let kept = house.record_of(&session).await;
    assert_eq!(kept.0["reason"], "caller-left");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_takes_the_call_the_caller_is_told_and_the_contacts_are_written_to() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    telephone.is_with(THOMAS, Persona::silent());
    telephone.is_with(MARIA, Persona::Busy);
    let (ann, session) = greeted(&house, &telephone).await;

    ann.call.digits("0");
    let thomas = telephone.rings(THOMAS).await;
    thomas.hears_something().await;
    let declined = thomas.heard_for();
    thomas.call.digits("2");
    thomas.call.ended().await;
    let farewell = thomas.sound_since(declined);
    let sorry = "agent: I am sorry, nobody can take your call right now. They will read that you called. What else \
        can I do for you?";
    house.has_kept(&session, sorry).await;
    ann.call.hang_up();
    house.record_of(&session).await;

    assert!(farewell > Duration::from_secs(1), "{farewell:?}");
    let missed = [telephone.message().await, telephone.message().await];
    for number in [THOMAS, MARIA] {
        let message = missed.iter().find(|message| message.to == number).unwrap();
        assert!(message.body.contains("could not be reached"), "{message:?}");
    }
}

async fn is(house: &House, caller: &Speaker, state: &str) {
    let path = format!("/room/{}", caller.room());
    until(async || {
        let room = house.get(&path).await?;
        let escalation = &room["escalation"];
        (escalation["contact"] == "Thomas" && escalation["state"] == state).then_some(())
    })
    .await;
}

/// Calls and hears the greeting out; returns who called, and the name of the session.
async fn greeted(house: &House, telephone: &Telephone) -> (Speaker, String) {
    let caller = telephone.calls().await;
    let session = caller.session();
    let greeting = format!("agent: {GREETING}");
    house.has_kept(&session, &greeting).await;
    caller.hears_nothing_for(PAUSE).await;
    (caller, session)
}
