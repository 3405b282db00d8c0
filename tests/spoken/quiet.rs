//! Callers who say nothing, or nothing more.

use crate::caller::Caller;
use crate::house::House;

const ANN: (&str, &str) = ("ann", "Ann");

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_caller_is_asked_and_then_bid_goodbye() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("silent", "quiet", ANN).await).await;
    let agent = ann.hears_agent(None).await;

    agent.says("Good morning.").await;
    agent.says("Are you still there?").await;
    agent.says("Goodbye.").await;
    ann.sees_leave(agent.identity()).await;

    let heard = agent.understood(0.0).await;
    assert!(heard.has("Are you still there?"), "{heard:?}");
    let kept = house.record("silent").await;
    assert_eq!(kept.transcript().last().unwrap(), "agent: Goodbye.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_in_mid_sentence_ends_the_session() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("gone", "demo", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("How can I help you?").await;

    ann.leaves_while_saying("I would like to book an appointment for a haircut on Friday at ten o'clock in the morning.")
        .await;
    let kept = house.record("gone").await;

    assert_eq!(kept.0["reason"], "caller-left");
    let transcript = kept.transcript();
    let replies = transcript.iter().filter(|line| line.starts_with("agent: "));
    assert_eq!(
        replies.count(),
        1,
        "nobody is there to be answered: {transcript:?}"
    );
}
