//! Several people in a room, and an agent that comes and goes.

use crate::caller::Caller;
use crate::house::House;

const ANN: (&str, &str) = ("ann", "Ann");
const BOB: (&str, &str) = ("bob", "Bob");

#[tokio::test(flavor = "multi_thread")]
async fn two_people_are_told_apart_and_the_agent_answers_when_it_is_named() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("two", "desk", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("Good morning.").await;
    let bob = Caller::enters(&house.invitation("two", BOB).await).await;
    bob.hears_agent(None).await;

    ann.says("Shall we have lunch together?").await;
    bob.has_understood("ann", "together").await;
    let asked = bob.says("Sophie when are you open?").await;
    agent.says("We are open from nine to five.").await;
    agent.is_quiet_for(1.0).await;

    let heard = agent.understood(0.0).await;
    assert!(!heard.has("I do not eat."), "{heard:?}");
    assert!(
        agent
            .understood(asked.over)
            .await
            .has("We are open from nine to five.")
    );
    ann.leaves().await;
    bob.leaves().await;
    let kept = house.record("two").await;
    assert_eq!(
        kept.transcript(),
        [
            "agent: Good morning.",
            "Ann: shall we have lunch together",
            "Bob: sophie when are you open",
            "agent: We are open from nine to five.",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switched_off_agent_hears_nothing_and_comes_back_with_the_conversation() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("off", "desk", ANN).await).await;
    let first = ann.hears_agent(None).await;
    first.says("Good morning.").await;
    ann.says("When are you open?").await;
    first.says("We are open from nine to five.").await;

    house.switch_agent("off", false).await;
    ann.sees_leave(first.identity()).await;
    ann.says("Shall we have lunch together?").await;
    let read = ann.has_read_of("ann");
    house.switch_agent("off", true).await;
    let second = ann.hears_agent(Some(first.identity())).await;
    let asked = ann.says("Repeat that please.").await;
    second.says("We are open from nine to five.").await;
    second.is_quiet_for(1.0).await;

    assert!(!read.iter().any(|text| text.contains("lunch")), "{read:?}");
    let heard = second.understood(asked.over).await;
    assert!(heard.has("We are open from nine to five."), "{heard:?}");
    ann.leaves().await;
    let kept = house.record("off").await;
    assert_eq!(
        kept.transcript(),
        [
            "agent: Good morning.",
            "Ann: when are you open",
            "agent: We are open from nine to five.",
            "Ann: repeat that please",
            "agent: We are open from nine to five.",
        ]
    );
}
