//! Calls by telephone.

use std::time::Duration;

use connectors_twilio_twin::{Reason, What};

use crate::caller::Caller;
use crate::house::{House, soon};
use crate::phone::{Speaker, Telephone};

const GREETING: &str = "Good morning, how can I help you?";
const HOURS: &str = "We are open every day until seven.";
const STORY: &str = "Our house was built a hundred years ago by two brothers. It has seven floors, forty rooms, \
    and a garden with old apple trees. In the summer we serve breakfast under the trees. In the winter there is a \
    fire in every room.";

/// Longer than between two sentences.
const PAUSE: Duration = Duration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_greeted_and_their_question_is_answered() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;

    let (ann, session) = greeted(&house, &telephone).await;
    ann.says("When are you open?").await;
    house.has_kept(&session, &format!("agent: {HOURS}")).await;
    ann.hears_nothing_for(PAUSE).await;
    let heard = ann.understood(Duration::ZERO).await;
    ann.call.hang_up();

    // An ear that does not know the line yet loses the first words.
    assert!(heard.has(HOURS), "{}: {heard:?}", heard.share(HOURS));
    let kept = house.record_of(&session).await;
    assert_eq!(kept.0["reason"], "caller-left");
    assert!(kept.has("Caller: when are you open"), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_falls_in_empties_what_twilio_holds_and_history_has_only_what_was_heard() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    let (ann, session) = greeted(&house, &telephone).await;
    let asked = ann.heard_for();
    ann.says("Tell me about your house.").await;
    ann.listens_for(Duration::from_secs(3)).await;

    ann.begins_to_say("When are you open?").await;
    let cleared = |what: &What| matches!(what, What::Cleared { .. });
    soon(ann.call.event(cleared)).await.unwrap();
    house.has_kept(&session, &format!("agent: {HOURS}")).await;
    ann.hears_nothing_for(PAUSE).await;
    let heard = ann.understood(asked).await;
    ann.call.hang_up();

    assert!(heard.has(HOURS), "{}: {heard:?}", heard.share(HOURS));
    let kept = house.record_of(&session).await.transcript();
    let cut = kept
        .iter()
        .find(|line| line.starts_with("agent: Our house"))
        .unwrap();
    assert!(cut.ends_with(" --") && cut.len() < STORY.len() / 2, "{cut}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_repeat_what_was_said_and_end_the_call_after_a_goodbye() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    let (ann, session) = greeted(&house, &telephone).await;
    ann.says("When are you open?").await;
    house.has_kept(&session, &format!("agent: {HOURS}")).await;
    ann.hears_nothing_for(PAUSE).await;

    ann.call.digits("1");
    ann.hears_something().await;
    ann.hears_nothing_for(PAUSE).await;
    ann.call.digits("9");
    let ended = soon(ann.call.ended()).await;

    assert_eq!(ended.reason, Reason::Api);
    let heard = ann.understood(Duration::ZERO).await;
    assert!(heard.has(&format!("{HOURS} {HOURS} Goodbye.")), "{heard:?}");
    let kept = house.record_of(&session).await;
    assert_eq!(kept.0["reason"], "completed");
    assert!(kept.has("agent: Goodbye."), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_a_browser_and_the_agent_hear_one_another() {
    let house = House::open().await;
    let telephone = Telephone::to(&house).await;
    let (ann, session) = greeted(&house, &telephone).await;

    let bob = Caller::enters(&house.invitation(&ann.room(), ("bob", "Bob")).await).await;
    let agent = bob.hears_agent(None).await;
    let before = ann.heard_for();
    bob.says("When are you open?").await;
    let bob_was_heard = ann.sound_since(before);
    house.has_kept(&session, &format!("agent: {HOURS}")).await;
    ann.hears_nothing_for(PAUSE).await;
    let heard_by_ann = ann.understood(Duration::ZERO).await;
    ann.says("Tell me about your house.").await;
    bob.has_understood(&session, "tell me about your house")
        .await;
    agent.says("Our house was built a hundred years ago").await;

    assert!(
        bob_was_heard > Duration::from_millis(500),
        "{bob_was_heard:?}"
    );
    assert!(heard_by_ann.has(HOURS), "{heard_by_ann:?}");
    bob.leaves().await;
    ann.call.hang_up();
    let kept = house.record_of(&session).await;
    assert!(kept.has("Bob: when are you open"), "{kept:?}");
    assert!(kept.has("Caller: tell me about your house"), "{kept:?}");
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
