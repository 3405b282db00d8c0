//! Several circles in one room: whoever is in another one neither hears nor is heard.

use agent_session::{Ended, KeyAction};
use agent_turn::AnswerWhen;

use crate::{cast::Cast, story::Story};

const ASIDE: &[(&str, &str)] = &[("patchbay.circle", "briefing")];
const STORY: &str = "Once upon a time there was a little house in the harbour of a small town.";

fn briefer() -> Cast {
    let mut cast = Cast::new().greeting("A caller waits for you.");
    cast.circle = Some("briefing".to_owned());
    cast
}

#[tokio::test(start_paused = true)]
async fn who_is_in_another_circle_is_greeted_when_they_are_moved_here() {
    let mut story = Story::begin(Cast::new().greeting("Good day.")).await;

    let ann = story.is_called_by("ann", ASIDE).await;
    story.waits(5_000).await;
    assert_eq!(story.kept(), Vec::<String>::new());
    story.moves("ann", None).await;
    story.agent_has_said("Good day.").await;

    assert_eq!(story.kept(), ["agent: Good day."]);
    assert!(ann.heard_sound().as_millis() > 200);
}

#[tokio::test(start_paused = true)]
async fn what_is_said_in_a_circle_is_heard_and_read_there_alone() {
    let mut story = Story::begin(briefer()).await;

    let ann = story.enters("ann").await;
    let bob = story.is_called_by("bob", ASIDE).await;
    story.agent_has_said("A caller waits for you.").await;
    story.waits(500).await;

    assert!(bob.heard_sound().as_millis() > 200);
    assert_eq!(
        bob.read("lk.transcription"),
        ["agent-alice: A caller waits for you."]
    );
    assert_eq!(ann.heard_sound().as_millis(), 0);
    assert_eq!(ann.read("lk.transcription"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn nobody_of_another_circle_is_listened_to() {
    let mut cast = briefer().answering(&["You are through."]);
    cast.profile.greeting.clear();
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;
    let bob = story.is_called_by("bob", ASIDE).await;
    story.waits(500).await;
    story.cast.transcriber.add("I accept.");

    ann.speaks(1_000).await;
    ann.types("And I wait.").await;
    ann.presses("5").await;
    story.waits(5_000).await;
    assert_eq!(story.kept(), Vec::<String>::new());
    bob.speaks(1_000).await;
    story.agent_has_said("You are through.").await;

    assert_eq!(story.kept(), ["bob: I accept.", "agent: You are through."]);
    assert_eq!(ann.read("lk.transcription"), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn who_is_moved_elsewhere_has_left() {
    let mut story = Story::begin(briefer()).await;
    let _ann = story.enters("ann").await;
    let _bob = story.is_called_by("bob", ASIDE).await;
    story.agent_has_said("A caller waits for you.").await;

    story.moves("bob", None).await;

    assert_eq!(story.ended().await, Ended::Alone);
}

#[tokio::test(start_paused = true)]
async fn who_is_moved_elsewhere_hears_and_reads_no_more() {
    let mut cast = Cast::new().answering(&[STORY]);
    cast.profile.turn.answer_when = AnswerWhen::Always;
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;
    let bob = story.enters("bob").await;
    story.waits(500).await;
    ann.types("Tell me a story.").await;
    story.agent_has_begun("Once upon a").await;

    story.moves("bob", Some("elsewhere")).await;
    let before = bob.heard_sound();
    story.agent_has_said(STORY).await;
    story.waits(500).await;

    let after = bob.heard_sound();
    assert!(after.as_millis() < 50, "{after:?}");
    let [read] = &bob.read("lk.transcription")[..] else {
        panic!("one line was begun");
    };
    assert!(read.len() < STORY.len(), "{read}");
    assert_eq!(
        ann.read("lk.transcription").last(),
        Some(&format!("agent-alice: {STORY}"))
    );
    assert!(ann.heard_sound() > before);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_moved_itself_has_other_company() {
    let mut story = Story::begin(Cast::new().greeting("Good day.").answering(&["Yes."])).await;
    let ann = story.enters("ann").await;
    let bob = story.is_called_by("bob", ASIDE).await;
    story.agent_has_said("Good day.").await;

    story.moves("agent-alice", Some("briefing")).await;
    ann.types("Are you there?").await;
    story.waits(3_000).await;
    bob.types("Are you here?").await;
    story.agent_has_said("Yes.").await;

    assert_eq!(
        story.kept(),
        [
            "agent: Good day.",
            "bob typed: Are you here?",
            "agent: Yes."
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_that_answers_a_question_is_answered_without_a_pause() {
    let mut cast = Cast::new().answering(&["You are through."]);
    cast.profile.keys = [('1', KeyAction::Digit)].into();
    let mut story = Story::begin(cast).await;
    let ann = story
        .is_called_by("ann", &[("sip.callStatus", "active")])
        .await;
    story.waits(500).await;

    ann.presses("1").await;
    story.waits(50).await;

    assert_eq!(story.cast.thinker.requests().len(), 1);
    story.agent_has_said("You are through.").await;
    assert_eq!(story.kept(), ["ann typed: 1", "agent: You are through."]);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_pressed_elsewhere_is_not_meant_for_the_agent_here() {
    let mut story = Story::begin(Cast::new().greeting("Good day.")).await;
    let ann = story.enters("ann").await;
    story.agent_has_said("Good day.").await;

    ann.pressed_in(Some("briefing"), "1").await;
    story.waits(5_000).await;
    assert_eq!(story.kept(), ["agent: Good day."]);
    ann.presses("1").await;
    story.agent_has_said("Good day.").await;

    assert_eq!(story.kept(), ["agent: Good day.", "agent: Good day."]);
}
