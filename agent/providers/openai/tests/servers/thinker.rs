//! Chat completions over the wire.

use std::time::Duration;

use agent_contract::{
    CallId, FinishReason, Message, ProviderError, Thinker, Thought, ThoughtRequest, Tokens,
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::json;
use tests_fakes::{Conduct, Fault, OpenAi, Reply};

use crate::world::{KEY, question, text, thinker};

/// Long enough to be cut in the middle.
const ANSWER: &str = "We are open from nine to five.";

async fn all(server: &OpenAi, request: ThoughtRequest) -> Result<Vec<Thought>, ProviderError> {
    thinker(server).think(request).await?.try_collect().await
}

/// What was said before the error, and the error.
async fn spoiled(fault: Fault) -> (String, ProviderError) {
    let server = OpenAi::start().await.unwrap();
    server.reply(Reply::Says(ANSWER.into()));
    server.fail(fault);
    let mut thoughts = match thinker(&server).think(question("Hello")).await {
        Ok(thoughts) => thoughts,
        Err(error) => return (String::new(), error),
    };
    let mut said = Vec::new();
    loop {
        match thoughts.next().await.unwrap() {
            Ok(thought) => said.push(thought),
            Err(error) => {
                assert!(thoughts.next().await.is_none(), "nothing follows an error");
                return (text(&said), error);
            }
        }
    }
}

#[tokio::test]
async fn an_answer_comes_word_by_word_and_ends_with_its_price() {
    let server = OpenAi::start().await.unwrap();
    server.conduct(Conduct {
        key: Some(KEY.into()),
        ..Conduct::default()
    });
    server.reply(Reply::Says(ANSWER.into()));

    let thoughts = all(&server, question("When?")).await.unwrap();

    assert_eq!(text(&thoughts), ANSWER);
    assert!(thoughts.len() > 5);
    let price = Tokens {
        input: 25,
        cached: 5,
        output: 7,
    };
    assert_eq!(
        thoughts[thoughts.len() - 2..],
        [
            Thought::Tokens(price),
            Thought::Finished(FinishReason::Stop)
        ]
    );
    assert_eq!(server.journal().violations(), [""; 0]);
}

#[tokio::test]
async fn tools_are_called_and_their_answers_accepted() {
    let server = OpenAi::start().await.unwrap();
    let arguments = json!({ "q": "opening hours" });
    let calls = vec![
        ("look_up".to_owned(), arguments.clone()),
        ("look_up".to_owned(), json!({})),
    ];
    server.reply(Reply::Calls("One moment. ".into(), calls));
    server.reply(Reply::Says(ANSWER.into()));
    let mut request = question("When?");

    let thoughts = all(&server, request.clone()).await.unwrap();
    let calls: Vec<_> = thoughts
        .iter()
        .filter_map(|thought| match thought {
            Thought::Call(call) => Some(call.clone()),
            _ => None,
        })
        .collect();
    let answers = calls.iter().map(|call| Message::Tool {
        call: call.id.clone(),
        text: "9-5".into(),
    });
    request.messages.push(Message::Agent {
        text: text(&thoughts),
        calls: calls.clone(),
    });
    request.messages.extend(answers);
    let then = all(&server, request).await.unwrap();

    assert_eq!(text(&thoughts), "One moment. ");
    assert_eq!(calls[0].arguments, arguments.to_string());
    assert_eq!(calls[1].id, CallId("call_1_look_up".into()));
    assert_eq!(text(&then), ANSWER);
    assert_eq!(server.journal().violations(), [""; 0]);
}

#[tokio::test]
async fn a_server_of_ones_own_needs_no_key() {
    let server = OpenAi::start().await.unwrap();
    let settings = agent_providers_openai::ThinkerSettings {
        base_url: server.url(),
        ..Default::default()
    };
    let thinker =
        agent_providers_openai::OpenAiThinker::new(crate::world::name(), settings).unwrap();

    let thoughts: Vec<_> = thinker
        .think(question("Hi"))
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();

    assert_eq!(text(&thoughts), "You said: Hi");
    assert_eq!(server.journal().of("request")[0]["key"], json!(null));
}

#[tokio::test]
async fn an_answer_that_is_dropped_is_no_longer_read() {
    let server = OpenAi::start().await.unwrap();
    server.reply(Reply::Says(ANSWER.into()));
    server.fail(Fault::StallAfter(2));
    let thinker = thinker(&server);

    let mut thoughts = thinker.think(question("Hello")).await.unwrap();
    let first = thoughts.next().await;
    drop(thoughts);
    server.reply(Reply::Says("Again.".into()));
    let then: Vec<_> = thinker
        .think(question("Hi"))
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();

    assert!(matches!(first, Some(Ok(Thought::Text(_)))));
    assert_eq!(text(&then), "Again.");
}

#[tokio::test]
async fn too_long_and_withheld_answers_say_so() {
    let server = OpenAi::start().await.unwrap();
    server.reply(Reply::CutShort("We are".into()));
    server.reply(Reply::Filtered("You".into()));

    let long = all(&server, question("When?")).await.unwrap();
    let withheld = all(&server, question("When?")).await.unwrap();

    assert_eq!(long.last(), Some(&Thought::Finished(FinishReason::Length)));
    assert_eq!(
        withheld.last(),
        Some(&Thought::Finished(FinishReason::Filtered))
    );
}

#[tokio::test]
async fn a_server_without_manners_at_the_end_has_answered_all_the_same() {
    let server = OpenAi::start().await.unwrap();
    server.reply(Reply::Says(ANSWER.into()));
    server.fail(Fault::NoEnd);

    let thoughts = all(&server, question("When?")).await.unwrap();

    assert_eq!(text(&thoughts), ANSWER);
    assert_eq!(
        thoughts.last(),
        Some(&Thought::Finished(FinishReason::Stop))
    );
}

#[tokio::test]
async fn refusals_say_whose_turn_it_is_to_act() {
    let (_, key) = spoiled(Fault::status(401)).await;
    let (_, request) = spoiled(Fault::status(400)).await;
    let (_, busy) = spoiled(Fault::too_many(7)).await;
    let (_, broken) = spoiled(Fault::status(500)).await;
    let used_up = Fault::Refuse {
        status: 429,
        code: Some("insufficient_quota".into()),
        retry_after: None,
    };
    let (_, used_up) = spoiled(used_up).await;

    assert_eq!(key.kind(), "account");
    assert_eq!(request.kind(), "rejected");
    assert_eq!(broken.kind(), "unavailable");
    assert_eq!(used_up.kind(), "account");
    let seven = Some(Duration::from_secs(7));
    assert!(
        matches!(busy, ProviderError::Unavailable { retry_after, .. } if retry_after == seven),
        "{busy:?}"
    );
}

#[tokio::test]
async fn a_refusal_is_told_at_once_and_not_tried_again() {
    let server = OpenAi::start().await.unwrap();
    server.fail(Fault::status(500));

    let error = all(&server, question("Hello")).await.unwrap_err();

    assert_eq!(error.kind(), "unavailable");
    assert_eq!(server.journal().of("request").len(), 1);
}

#[tokio::test]
async fn silence_before_and_in_an_answer_is_a_stall() {
    let (before, first) = spoiled(Fault::Stall).await;
    let (within, second) = spoiled(Fault::StallAfter(3)).await;

    assert_eq!((before.as_str(), first.kind()), ("", "stalled"));
    assert_eq!((within.as_str(), second.kind()), ("We are open", "stalled"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_outage() {
    let (before, first) = spoiled(Fault::Reset).await;
    let (within, second) = spoiled(Fault::ResetAfter(3)).await;

    assert_eq!((before.as_str(), first.kind()), ("", "unavailable"));
    assert_eq!(second.kind(), "unavailable");
    assert!(ANSWER.starts_with(&within), "{within}");
}

#[tokio::test]
async fn nonsense_is_told_from_an_outage() {
    let (_, garbage) = spoiled(Fault::GarbageAfter(2)).await;
    let (_, endless) = spoiled(Fault::EndlessToken).await;
    let (said, error) = spoiled(Fault::ErrorAfter(2)).await;

    assert_eq!(garbage.kind(), "garbled");
    assert_eq!(endless.kind(), "garbled");
    assert_eq!((said.as_str(), error.kind()), ("We are", "unavailable"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_an_outage() {
    let server = OpenAi::start().await.unwrap();
    let thinker = thinker(&server);
    drop(server);

    let error = thinker.think(question("Hello")).await.err().unwrap();

    assert_eq!(error.kind(), "unavailable");
}

#[tokio::test]
async fn errors_hold_neither_keys_nor_words() {
    let faults = [
        Fault::status(401),
        Fault::status(500),
        Fault::GarbageAfter(1),
        Fault::Reset,
    ];
    for fault in faults {
        let (_, error) = spoiled(fault).await;

        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            shown.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }

        for secret in [
            KEY,
            "Hello",
            "Be brief",
            "on purpose",
            "Bad Gateway",
            "127.0.0.1",
        ] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
}
