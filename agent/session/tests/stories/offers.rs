//! Tools that people bring along.

use std::time::Duration;

use agent_contract::stub::StubThinker;
use agent_turn::AnswerWhen;
use room_contract::{RpcError, RpcRequests};

use crate::{cast::Cast, story::Story};

const OFFER: &str = r#"[{
    "name": "showOffer",
    "description": "Shows an offer.",
    "parameters": { "type": "object", "properties": { "item": { "type": "string" } }, "required": ["item"] }
}]"#;

#[tokio::test(start_paused = true)]
async fn a_function_of_the_visitors_page_is_called_and_its_answer_used() {
    let mut story = Story::begin(showing("{\"item\":\"comb\"}")).await;
    let ann = story.enters("ann").await;
    let mut calls = ann.serves("showOffer");
    ann.offers(OFFER).await;
    story.waits(100).await;

    ann.types("Show me a comb.").await;
    let asked = answer(&mut calls, Ok("{\"shown\":true}".to_owned())).await;
    story.agent_has_said("Here.").await;

    assert_eq!(
        asked,
        ("agent-alice".to_owned(), "{\"item\":\"comb\"}".to_owned())
    );
    assert_eq!(
        story.kept()[1..],
        [
            "call: showOffer",
            "showOffer: {\"shown\":true}",
            "agent: Here."
        ]
    );
    let tools = story.cast.thinker.requests()[0].tools.clone();
    assert_eq!(tools.last().expect("one").description, "Shows an offer.");
}

#[tokio::test(start_paused = true)]
async fn what_the_page_says_was_wrong_reaches_the_thinker() {
    let mut story = Story::begin(showing("{\"item\":\"comb\"}")).await;
    let ann = story.enters("ann").await;
    let mut calls = ann.serves("showOffer");
    ann.offers(OFFER).await;
    story.waits(100).await;

    ann.types("Show me a comb.").await;
    let error = RpcError {
        code: 2_000,
        message: "out of stock".to_owned(),
        data: None,
    };
    answer(&mut calls, Err(error)).await;
    story.agent_has_said("Here.").await;

    let kept = story.kept();
    assert!(kept[2].contains("out of stock"), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn arguments_that_do_not_fit_never_reach_the_page() {
    let mut story = Story::begin(showing("{\"item\":7}")).await;
    let ann = story.enters("ann").await;
    let calls = ann.serves("showOffer");
    ann.offers(OFFER).await;
    story.waits(100).await;

    ann.types("Show me a comb.").await;
    story.agent_has_said("Here.").await;

    let kept = story.kept();
    assert!(kept[2].contains("do not fit"), "{kept:?}");
    drop(calls);
}

#[tokio::test(start_paused = true)]
async fn a_page_that_never_answers_does_not_keep_the_agent() {
    let mut story = Story::begin(showing("{\"item\":\"comb\"}")).await;
    let ann = story.enters("ann").await;
    let calls = ann.serves("showOffer");
    ann.offers(OFFER).await;
    story.waits(100).await;

    ann.types("Show me a comb.").await;
    story.agent_has_said("Here.").await;

    let kept = story.kept();
    assert!(kept[2].contains("too long"), "{kept:?}");
    drop(calls);
}

#[tokio::test(start_paused = true)]
async fn tools_go_with_whoever_brought_them_and_take_nobody_elses_name() {
    let mut cast = Cast::new().answering(&["One.", "Two.", "Three."]);
    cast.profile.turn.answer_when = AnswerWhen::Always;
    let mut story = Story::begin(cast).await;
    let (ann, bob) = (story.enters("ann").await, story.enters("bob").await);
    bob.offers(r#"[{"name":"look"},{"name":"showOffer","description":"Bob's"}]"#)
        .await;
    ann.offers(OFFER).await;
    ann.offers(r#"[{"name":"end_call","description":"Ann's"},{"name":"no name"},{"name":"showOffer","description":"Ann's"}]"#)
        .await;
    story.waits(100).await;

    ann.types("Anything?").await;
    story.agent_has_said("One.").await;
    bob.types("And I?").await;
    story.agent_has_said("Two.").await;
    bob.leaves().await;
    story.waits(100).await;
    ann.types("And now?").await;
    story.agent_has_said("Three.").await;

    let own = ["opening_hours", "end_call", "send_message"];
    let offered: Vec<Vec<_>> = (0..3)
        .map(|turn| {
            let tools = story.cast.thinker.requests()[turn].tools.clone();
            assert_eq!(tools[1].description, "Answers.", "nobody takes its place");
            let brought = tools.iter().skip(own.len());
            brought
                .map(|tool| format!("{} {}", tool.name, tool.description))
                .collect()
        })
        .collect();
    assert_eq!(offered[0], ["showOffer Ann's", "look "]);
    assert_eq!(offered[1], ["look ", "showOffer Bob's"]);
    assert_eq!(offered[2], ["showOffer Ann's"]);
}

/// An agent that shows a comb and says so.
fn showing(arguments: &str) -> Cast {
    let thinker = StubThinker::new("head").calling("showOffer", arguments);
    Cast::new().thinking(thinker.saying("Here."))
}

/// Answers one call; returns who called, and what they said.
async fn answer(calls: &mut RpcRequests, answer: Result<String, RpcError>) -> (String, String) {
    let call = tokio::time::timeout(Duration::from_secs(30), calls.next()).await;
    let call = call.expect("in time").expect("a call");
    let asked = (call.caller.to_string(), call.payload.clone());
    call.answer(answer);
    asked
}
