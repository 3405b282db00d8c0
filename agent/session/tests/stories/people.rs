//! Several people, and an agent that is switched off and on.

use agent_session::{Entrance, Switch};
use agent_turn::AnswerWhen;

use crate::{cast::Cast, story::Story};

fn addressed() -> Cast {
    let mut cast = Cast::new().answering(&["At nine."]);
    cast.profile.turn.answer_when = AnswerWhen::Addressed;
    cast.profile.turn.names = vec!["Alice".to_owned()];
    cast
}

#[tokio::test(start_paused = true)]
async fn with_two_people_the_agent_answers_when_named_and_knows_who_said_what() {
    let mut story = Story::begin(addressed()).await;
    let (ann, bob) = (story.enters("ann").await, story.enters("bob").await);
    story.cast.transcriber.add("Shall we eat something?");
    story.cast.transcriber.add("Alice, when do you open?");

    ann.speaks(1_000).await;
    story.waits(4_000).await;
    assert_eq!(story.kept(), ["ann: Shall we eat something?"]);
    bob.speaks(1_000).await;
    story.agent_has_said("At nine.").await;

    assert_eq!(
        story.kept(),
        [
            "ann: Shall we eat something?",
            "bob: Alice, when do you open?",
            "agent: At nine.",
        ]
    );
    let asked = format!(
        "{:?}",
        story.cast.thinker.requests().last().expect("one").messages
    );
    assert!(asked.contains("ANN") && asked.contains("BOB"), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_is_off_sends_nothing_to_a_provider() {
    let mut story = Story::begin(Cast::new().answering(&["Yes."])).await;
    let ann = story.enters("ann").await;
    story.waits(500).await;
    story.cast.transcriber.add("Not for the agent.");

    story.handle.switch(Switch::Off).expect("taken");
    story.waits(500).await;
    assert_eq!(story.cast.transcriber.open(), 0);
    ann.speaks(1_000).await;
    ann.types("Neither is this.").await;
    story.waits(3_000).await;

    assert_eq!(story.kept(), Vec::<String>::new());
    assert_eq!(story.cast.thinker.requests().len(), 0);
    assert_eq!(ann.states().last().map(String::as_str), Some("idle"));
    story.handle.switch(Switch::On).expect("taken");
    ann.types("And now?").await;
    story.agent_has_said("Yes.").await;
    assert_eq!(story.kept(), ["ann typed: And now?", "agent: Yes."]);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_may_listen_while_off_knows_what_was_said() {
    let mut cast = Cast::new().answering(&["You did."]);
    cast.profile.listen_while_off = true;
    let mut story = Story::begin(cast).await;
    let ann = story.enters("ann").await;
    story.waits(500).await;
    story.handle.switch(Switch::Off).expect("taken");
    story.waits(100).await;

    ann.types("I like tea.").await;
    story.waits(1_000).await;
    story.handle.switch(Switch::On).expect("taken");
    ann.types("What do I like?").await;
    story.agent_has_said("You did.").await;

    assert_eq!(story.kept()[0], "ann aside: I like tea.");
    let request = story.cast.thinker.requests().pop().expect("one");
    assert_eq!(request.messages.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_comes_back_silently_knows_the_conversation() {
    let mut story = Story::begin(Cast::new().answering(&["One.", "Two."])).await;
    let ann = story.enters("ann").await;
    ann.types("First?").await;
    story.agent_has_said("One.").await;
    story.stops().await;
    story.cast.entrance = Entrance::Silent;

    let mut story = story.begin_again().await;
    ann.types("Second?").await;
    story.agent_has_said("Two.").await;

    assert_eq!(
        story
            .cast
            .thinker
            .requests()
            .last()
            .expect("one")
            .messages
            .len(),
        3
    );
    assert_eq!(
        story.kept(),
        [
            "ann typed: First?",
            "agent: One.",
            "ann typed: Second?",
            "agent: Two."
        ]
    );
}
