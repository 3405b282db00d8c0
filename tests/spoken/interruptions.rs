//! Somebody falls in while the agent speaks.

use crate::caller::Caller;
use crate::house::House;

const ANN: (&str, &str) = ("ann", "Ann");
const STORY: &str = "Our house was built a hundred years ago by two brothers. It has seven floors, forty rooms, \
    and a garden with old apple trees. In the summer we serve breakfast under the trees. In the winter there is a \
    fire in every room.";

/// The goal at the listener is 150 ms and measured by the benchmarks; here the voice begins up to 200 ms after the
/// peer takes its first sample, flite begins with silence, and the machine may be busy.
const SOON: f64 = 1.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_falls_in_silences_the_agent_and_gets_an_answer() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("barge", "desk", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("Good morning.").await;
    let asked = ann.says("Tell me about your house.").await;
    agent.sounds_since(asked.over).await;

    let interruption = ann.says("When are you open?").await;
    agent.says("We are open from nine to five.").await;
    agent.is_quiet_for(1.0).await;

    let before = agent.pause_after(interruption.begun).await;
    assert!(
        before - interruption.begun <= SOON,
        "it spoke on for {} s",
        before - interruption.begun
    );
    let heard = agent.understood(interruption.begun + SOON).await;
    assert!(heard.has("We are open from nine to five."), "{heard:?}");
    assert!(
        !heard.has("In the winter there is a fire in every room."),
        "{heard:?}"
    );
    ann.leaves().await;
    let kept = house.record("barge").await.transcript();
    let cut = kept
        .iter()
        .find(|line| line.starts_with("agent: Our house"))
        .unwrap();
    assert!(cut.ends_with(" --") && cut.len() < STORY.len() / 2, "{cut}");
    assert!(
        kept.contains(&"Ann: when are you open".to_owned()),
        "{kept:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cough_does_not_lose_the_reply() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("cough", "desk", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("Good morning.").await;
    let asked = ann.says("Tell me about your house.").await;
    agent.sounds_since(asked.over).await;

    ann.coughs().await;
    agent.says("a fire in every room.").await;
    agent.is_quiet_for(1.0).await;

    let heard = agent.understood(asked.over).await;
    assert!(heard.has(STORY), "{}: {heard:?}", heard.share(STORY));
    ann.leaves().await;
    let kept = house.record("cough").await;
    assert!(kept.has(&format!("agent: {STORY}")), "{kept:?}");
}
