//! Providers that do not deliver.

use std::{sync::Arc, time::Duration};

use agent_contract::{
    ListenOptions, Listening, ProviderError, ProviderName, Thinker, ThinkerCapabilities,
    ThoughtRequest, Thoughts, Transcriber, TranscriberCapabilities,
    stub::{Fault, StubSpeaker, StubThinker, StubTranscriber},
};
use agent_session::{Ended, Event, Port};
use async_trait::async_trait;

use crate::{cast::Cast, story::Story};

const APOLOGY: &str = "I am sorry, something went wrong. Could you say that again?";

#[tokio::test(start_paused = true)]
async fn a_thinker_that_fails_is_apologised_for_and_the_conversation_goes_on() {
    for fault in [
        Fault::Unavailable(None),
        Fault::Rejects,
        Fault::Account,
        Fault::StallOpening,
        Fault::StallAt(0),
        Fault::ResetAt(0),
        Fault::GarbageAt(0),
        Fault::CloseAt(0),
    ] {
        let thinker = StubThinker::new("head").failing_once(fault);
        let mut cast = Cast::new().thinking(thinker);
        cast.profile.turn.preemptive = false;
        let mut story = Story::begin(cast).await;
        let ann = story.enters("ann").await;

        ann.types("Hello").await;
        let mut blamed = None;
        story
            .until("a fault", |event| {
                if let Event::Fault { port, provider, .. } = event {
                    blamed = Some((*port, provider.clone()));
                }
                blamed.is_some()
            })
            .await;
        story.agent_has_said(APOLOGY).await;
        ann.types("Again").await;
        story.agent_has_said("Again").await;

        assert_eq!(
            blamed,
            Some((Port::Thinker, "head".to_owned())),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_thinker_said_before_it_failed_is_heard() {
    let thinker = StubThinker::new("head")
        .saying("We open at nine. And we close at five.")
        .failing_once(Fault::ResetAt(5));
    let mut story = Story::begin(Cast::new().thinking(thinker)).await;
    let ann = story.enters("ann").await;

    ann.types("When do you open?").await;
    story.agent_has_said(APOLOGY).await;

    assert_eq!(
        story.kept()[1],
        "agent: We open at nine.",
        "{:?}",
        story.kept()
    );
}

#[tokio::test(start_paused = true)]
async fn a_speaker_that_fails_is_apologised_for_by_the_spare_one() {
    for fault in [
        Fault::Unavailable(None),
        Fault::StallOpening,
        Fault::StallAt(0),
        Fault::ResetAt(0),
        Fault::GarbageAt(0),
        Fault::CloseAt(0),
        Fault::StallAt(20),
    ] {
        let speaker = StubSpeaker::new("mouth").failing(fault);
        let cast = Cast::new()
            .answering(&["one two three four five"])
            .speaking(speaker);
        let mut story = Story::begin(cast.with_spare()).await;
        let ann = story.enters("ann").await;

        ann.types("Hello").await;
        story.agent_has_said(APOLOGY).await;
        story.waits(100).await;

        let spare = story.cast.spare.as_ref().expect("there is one");
        assert_eq!(spare.told(), APOLOGY, "{fault:?}");
        assert!(ann.heard("sorry").contains("sorry"), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_any_speaker_there_is_a_tone_and_a_message() {
    let cast = Cast::new()
        .answering(&["one two"])
        .speaking(StubSpeaker::new("mouth").failing(Fault::Unavailable(None)));
    let story = Story::begin(cast).await;
    let ann = story.enters("ann").await;

    ann.types("Hello").await;
    story.waits(3_000).await;

    assert!(ann.heard_sound() >= Duration::from_millis(300));
    assert_eq!(ann.read("lk.chat"), [format!("agent-alice: {APOLOGY}")]);
}

/// A provider with a fault of our own.
struct Panicking(ProviderName);

#[async_trait]
impl Thinker for Panicking {
    fn name(&self) -> &ProviderName {
        &self.0
    }

    fn capabilities(&self) -> ThinkerCapabilities {
        ThinkerCapabilities {
            tools: true,
            preemptive: false,
        }
    }

    async fn think(&self, _: ThoughtRequest) -> Result<Thoughts, ProviderError> {
        unreachable!("on purpose")
    }
}

#[async_trait]
impl Transcriber for Panicking {
    fn name(&self) -> &ProviderName {
        &self.0
    }

    fn capabilities(&self) -> TranscriberCapabilities {
        unreachable!("on purpose")
    }

    async fn listen(&self, _: ListenOptions) -> Result<Listening, ProviderError> {
        unreachable!("on purpose")
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_a_reply_is_made_loses_that_reply_alone() {
    let mut cast = Cast::new();
    cast.change = Box::new(|providers| {
        providers.thinker = Arc::new(Panicking(ProviderName::new("panicking")));
    });
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;

    ann.types("Hello").await;

    story.agent_has_said(APOLOGY).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_the_loop_ends_that_conversation_alone() {
    let mut cast = Cast::new();
    cast.change = Box::new(|providers| {
        providers.transcriber = Arc::new(Panicking(ProviderName::new("panicking")));
    });
    let mut story = Story::begin(cast).await;
    let _ann = story.enters("ann").await;

    assert_eq!(story.ended().await, Ended::Broken);
}

#[tokio::test(start_paused = true)]
async fn a_thinker_without_end_is_cut_off() {
    let mut cast = Cast::new().thinking(
        StubThinker::new("head")
            .saying("la")
            .failing_once(Fault::Endless),
    );
    cast.profile.limits.reply_chars = 100;
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;

    ann.types("Sing").await;
    let mut said = None;
    story
        .until("the end of it", |event| {
            if let Event::Transcript {
                identity,
                text,
                last: true,
                ..
            } = event
                && identity == "agent-alice"
            {
                said = Some(text.clone());
            }
            said.is_some()
        })
        .await;

    assert!(said.expect("it was").chars().count() <= 100);
}

#[tokio::test(start_paused = true)]
async fn a_transcriber_that_fails_is_blamed_and_connected_again() {
    let mut cast = Cast::new().answering(&["At nine."]);
    let ears = StubTranscriber::new("ears").failing_once(Fault::Unavailable(None));
    cast.transcriber = Arc::new(ears);
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;

    story
        .until("a fault", |event| {
            matches!(event, Event::Fault { port: Port::Transcriber, provider, .. } if provider == "ears")
        })
        .await;
    story.waits(1_000).await;
    story.cast.transcriber.add("When do you open?");
    ann.speaks(1_000).await;

    story.agent_has_said("At nine.").await;
}
