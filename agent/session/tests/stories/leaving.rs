//! How conversations end, and how they are taken up again.

use std::time::Duration;

use agent_contract::stub::{Line, StubThinker};
use agent_session::Ended;
use tokio::time::Instant;

use crate::{cast::Cast, story::Story};

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_alone_leaves_after_ten_seconds() {
    let mut story = Story::begin(Cast::new()).await;
    let ann = story.enters("ann").await;
    story.waits(1_000).await;

    ann.leaves().await;
    let left = Instant::now();
    let reason = story.ended().await;

    assert_eq!(reason, Ended::Alone);
    let stayed = left.elapsed();
    assert!(stayed <= Duration::from_millis(10_100), "{stayed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tool_ends_the_call_after_the_reply() {
    let thinker = StubThinker::new("head").calling("end_call", "{}");
    thinker.add(Line::Says("Goodbye then.".to_owned()));
    let mut story = Story::begin(Cast::new().thinking(thinker)).await;
    let ann = story.enters("ann").await;

    ann.types("That is all.").await;
    let reason = story.ended().await;

    assert_eq!(reason, Ended::HungUp);
    assert_eq!(ann.heard("goodbye then"), "goodbye then");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_sent_away_says_goodbye() {
    let mut story = Story::begin(Cast::new()).await;
    let ann = story.enters("ann").await;
    story.waits(100).await;

    story.handle.hang_up().expect("taken");
    let reason = story.ended().await;

    assert_eq!(reason, Ended::HungUp);
    assert_eq!(ann.heard("goodbye"), "goodbye");
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_leaves_in_mid_reply_ends_it() {
    let long = "one two three four five six seven eight nine ten.";
    let mut story = Story::begin(Cast::new().answering(&[long])).await;
    let ann = story.enters("ann").await;
    ann.types("Count").await;
    story.agent_has_begun("one two").await;

    ann.leaves().await;
    story.ended().await;

    let kept = story.kept();
    assert!(kept[1].ends_with(" --"), "{kept:?}");
    assert!(!kept[1].contains("nine"), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn another_agent_takes_a_broken_conversation_up() {
    let mut story =
        Story::begin(Cast::new().answering(&["We open at nine. On Sundays at ten."])).await;
    let ann = story.enters("ann").await;
    ann.types("When do you open?").await;
    story
        .agent_has_said("We open at nine. On Sundays at ten.")
        .await;

    let mut story = story.begin_again().await;
    let back = Instant::now();
    story
        .agent_has_said("As I was saying: On Sundays at ten.")
        .await;

    assert!(back.elapsed() < Duration::from_secs(3));
    ann.types("Thank you").await;
    story
        .agent_has_said("We open at nine. On Sundays at ten.")
        .await;
    let request = story.cast.thinker.requests().pop().expect("one");
    assert_eq!(request.messages.len(), 4, "{request:?}");
}
