//! A wire that breaks: whatever it does, an error says so in time and nothing panics.

use std::{sync::Arc, time::Duration};

use agent_contract::{ProviderError, Thinker, Thought};
use agent_providers_openai::{OpenAiThinker, ThinkerSettings};
use futures_util::StreamExt as _;
use tests_fakes::{Chaos, Conduct, Mischief, OpenAi, Reply};

use crate::world::{name, question};

/// Breaks the wire after the first word of an answer.
async fn broken(mischief: Mischief) -> Result<(), ProviderError> {
    let server = Arc::new(OpenAi::start().await.unwrap());
    let chaos = Chaos::before(&server.url()).await.unwrap();
    server.conduct(Conduct {
        tokens_per_second: Some(50.0),
        ..Conduct::default()
    });
    server.reply(Reply::Says(
        "One two three four five six seven eight nine ten.".into(),
    ));
    let settings = ThinkerSettings {
        base_url: chaos.url(),
        patience_ms: 400,
        ..ThinkerSettings::default()
    };
    let thinker = OpenAiThinker::new(name(), settings).unwrap();
    let mut thoughts = thinker.think(question("Count")).await.unwrap();
    assert!(matches!(thoughts.next().await, Some(Ok(Thought::Text(_)))));

    chaos.order(mischief);
    let ending = async {
        while let Some(thought) = thoughts.next().await {
            thought?;
        }
        Ok(())
    };
    tokio::time::timeout(Duration::from_secs(10), ending)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_wire_that_falls_silent_is_a_stall() {
    assert_eq!(broken(Mischief::Stall).await.unwrap_err().kind(), "stalled");
}

#[tokio::test]
async fn a_wire_that_is_cut_is_an_outage() {
    assert_eq!(
        broken(Mischief::Reset).await.unwrap_err().kind(),
        "unavailable"
    );
}

#[tokio::test]
async fn a_wire_that_carries_garbage_is_an_error() {
    let error = broken(Mischief::Garbage).await.unwrap_err();

    assert!(error.may_pass(), "{error:?}");
}

#[tokio::test]
async fn a_wire_that_only_drips_is_a_stall() {
    assert_eq!(broken(Mischief::Drip).await.unwrap_err().kind(), "stalled");
}
