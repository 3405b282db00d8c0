//! Questions and answers, aloud and typed.

use crate::caller::Caller;
use crate::house::House;

const ANN: (&str, &str) = ("ann", "Ann");

const GREETING: &str =
    "Hello, this is the automatic receptionist of Harbour Street Barbers. How can I help you?";
const HOURS: &str = "We are open Tuesday to Friday from nine to six, and on Saturday from nine to four. \
    On Sunday and Monday we are closed.";
const PRICES: &str = "A haircut is twenty eight pounds, a beard trim is fifteen, and a hair colour starts at forty five.";
const DONE: &str = "Done: a haircut on Friday at ten o'clock for Thomas.";

#[tokio::test(flavor = "multi_thread")]
async fn spoken_questions_are_answered_aloud_and_an_appointment_is_written_down() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("shop", "demo", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("How can I help you?").await;

    let hours_end = "On Sunday and Monday we are closed.";
    agent
        .answers("What are your opening hours?", hours_end)
        .await;
    agent
        .answers("How much is a haircut?", "starts at forty five.")
        .await;
    agent
        .answers("I would like a haircut on Friday.", "At what time?")
        .await;
    agent
        .answers("At ten o'clock.", "And your name, please?")
        .await;
    agent.answers("Thomas.", "is that right?").await;
    agent.answers("Yes.", "See you then!").await;
    ann.reads_message("appointment: haircut, ").await;
    agent.is_quiet_for(1.0).await;

    let heard = agent.understood(0.0).await;
    for said in [GREETING, HOURS, PRICES, DONE] {
        assert!(heard.has(said), "{}: {said}\n{heard:?}", heard.share(said));
    }
    ann.leaves().await;
    let kept = house.record("shop").await;
    let tool = |line: &String| line.starts_with("tool send_message: ");
    assert!(kept.transcript().iter().any(tool), "{kept:?}");
    assert!(kept.has("Ann: what are your opening hours"), "{kept:?}");
    assert!(kept.has(&format!("agent: {HOURS}")), "{kept:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_said_again_on_request() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("again", "demo", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("How can I help you?").await;
    ann.says("How much is a haircut?").await;
    agent.says("starts at forty five.").await;

    let asked = ann.says("Repeat that please.").await;
    agent.says("starts at forty five.").await;
    agent.is_quiet_for(1.0).await;

    let heard = agent.understood(asked.over).await;
    assert!(heard.has(PRICES), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_only_types_is_answered_from_what_is_written_down() {
    let house = House::open().await;
    let ann = Caller::enters(&house.room("typed", "demo", ANN).await).await;
    let agent = ann.hears_agent(None).await;
    agent.says("How can I help you?").await;

    ann.types("When are you open?").await;
    agent.says("On Sunday and Monday we are closed.").await;
    ann.types("Can I bring my dogs with me?").await;
    agent.says("Dogs are welcome if they are on a lead.").await;
    ann.types("Goodbye").await;
    ann.sees_leave(agent.identity()).await;

    let kept = house.record("typed").await;
    assert!(kept.has("Ann: Can I bring my dogs with me?"), "{kept:?}");
    assert_eq!(kept.0["reason"], "completed");
}
