//! People at telephones: they pick up, press keys and hear late.

use std::sync::Arc;

use agent_session::{Bell, Ended, KeyAction, Rung};
use async_trait::async_trait;

use crate::{cast::Cast, story::Story};

const ACTIVE: &[(&str, &str)] = &[("sip.callStatus", "active")];
const STORY: &str = "Once upon a time there was a little house in the harbour of a small town.";

#[tokio::test(start_paused = true)]
async fn who_is_being_called_is_greeted_when_they_pick_up() {
    let mut cast = Cast::new();
    cast.profile.greeting = "Good day.".to_owned();
    let mut story = Story::begin(cast).await;

    let ann = story
        .is_called_by("ann", &[("sip.callStatus", "ringing")])
        .await;
    story.waits(5_000).await;
    assert_eq!(ann.heard_sound().as_millis(), 0);
    ann.shows("sip.callStatus", "active").await;
    story.agent_has_said("Good day.").await;

    assert_eq!(story.kept(), ["agent: Good day."]);
}

#[tokio::test(start_paused = true)]
async fn a_key_repeats_what_was_said_last() {
    let mut cast = Cast::new();
    cast.profile.greeting = "Good day.".to_owned();
    let mut story = Story::begin(cast).await;
    let ann = story.is_called_by("ann", ACTIVE).await;
    story.agent_has_said("Good day.").await;

    ann.presses("1").await;
    story.agent_has_said("Good day.").await;

    assert_eq!(story.kept(), ["agent: Good day.", "agent: Good day."]);
}

#[tokio::test(start_paused = true)]
async fn a_key_asks_for_a_human_and_a_number_is_told_to_the_thinker() {
    let cast = Cast::new().answering(&["One moment.", "Thank you."]);
    let mut story = Story::begin(cast).await;
    let ann = story.is_called_by("ann", ACTIVE).await;
    story.waits(500).await;

    ann.presses("0").await;
    story.agent_has_said("One moment.").await;
    ann.presses("4190").await;
    story.agent_has_said("Thank you.").await;

    assert_eq!(
        story.kept(),
        [
            "ann typed: I want to speak with a human.",
            "agent: One moment.",
            "ann typed: 4190",
            "agent: Thank you.",
        ]
    );
}

struct Rings(Rung);

#[async_trait]
impl Bell for Rings {
    async fn ring(&self, session: &str) -> Rung {
        assert_eq!(session, "web-story");
        self.0
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_rings_for_a_human_and_the_thinker_is_not_asked() {
    let mut cast = Cast::new().answering(&["You are welcome."]);
    cast.bell = Some(Arc::new(Rings(Rung::Answered)));
    let mut story = Story::begin(cast).await;
    let ann = story.is_called_by("ann", ACTIVE).await;
    story.waits(500).await;

    ann.presses("0").await;
    story.waits(3_000).await;
    ann.types("Thank you.").await;
    story.agent_has_said("You are welcome.").await;

    let kept = story.kept();
    assert_eq!(
        kept[..2],
        [
            "ann typed: I want to speak with a human.",
            "ann typed: Thank you."
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_for_a_human_is_told_to_the_thinker_where_nobody_answers_the_bell() {
    let mut cast = Cast::new().answering(&["Nobody is there."]);
    cast.bell = Some(Arc::new(Rings(Rung::Nobody)));
    let mut story = Story::begin(cast).await;
    let ann = story.is_called_by("ann", ACTIVE).await;
    story.waits(500).await;

    ann.presses("0").await;
    story.agent_has_said("Nobody is there.").await;

    assert_eq!(story.kept()[0], "ann typed: I want to speak with a human.");
}

#[tokio::test(start_paused = true)]
async fn a_key_ends_the_call_in_the_middle_of_a_reply() {
    let mut story = Story::begin(Cast::new().answering(&[STORY])).await;
    let ann = story.is_called_by("ann", ACTIVE).await;
    story.waits(500).await;
    ann.types("Tell me a story.").await;
    story.agent_has_begun("Once upon a").await;

    ann.presses("9").await;
    story.agent_has_said("Goodbye.").await;

    assert_eq!(story.ended().await, Ended::HungUp);
    assert_eq!(ann.hushed(), 1);
}

#[tokio::test(start_paused = true)]
async fn keys_mean_what_the_profile_says() {
    let mut cast = Cast::new().answering(&["One, then."]);
    cast.profile.keys = [('5', KeyAction::Human)].into();
    let mut story = Story::begin(cast).await;
    let ann = story.is_called_by("ann", ACTIVE).await;
    story.waits(500).await;

    ann.presses("1").await;
    story.agent_has_said("One, then.").await;

    assert_eq!(story.kept(), ["ann typed: 1", "agent: One, then."]);
}

#[tokio::test(start_paused = true)]
async fn what_a_telephone_had_not_played_yet_was_not_heard() {
    let kept = |delay: &'static str| async move {
        let mut story = Story::begin(Cast::new().answering(&[STORY])).await;
        let attributes = [("sip.callStatus", "active"), ("patchbay.playoutMs", delay)];
        let ann = story.is_called_by("ann", &attributes).await;
        story.waits(500).await;
        ann.types("Tell me a story.").await;
        story
            .agent_has_begun("Once upon a time there was a little")
            .await;
        ann.types("Stop!").await;
        story.waits(2_000).await;
        assert_eq!(ann.hushed(), 1);
        story.kept()[1].trim_end_matches(" --").to_owned()
    };

    let (at_once, late) = (kept("0").await, kept("800").await);

    assert!(at_once.starts_with(&late), "{at_once:?} {late:?}");
    assert!(late.len() + 5 < at_once.len(), "{at_once:?} {late:?}");
}
